/** Checks for values of several commands. Each returns what is wrong, as the end of a sentence. */

/** Partitions as botocore's endpoints.json lists them: aws, aws-cn, aws-us-gov, aws-iso, … */
const ROLE_ARN = /^arn:aws(?:-[a-z]+)*:iam::\d{12}:role\/(?:[!-~]{1,510}\/)?[\w+=,.@-]{1,64}$/;

/** As in the runtime's envelope.ts, which reads what CloudFormation sends. */
const REGION = /^[a-z]{2,8}(-[a-z]{2,20}){1,3}-\d{1,2}$/;

/** An IAM role's ARN in any partition (IAM API reference, CreateRole). */
export function checkRoleArn(value: string): string | undefined {
  return ROLE_ARN.test(value)
    ? undefined
    : 'is not the ARN of an IAM role, such as arn:aws:iam::111122223333:role/name.';
}

/** Where a Region comes from if it is not given; `findRegion` in aws-environment.ts looks there. */
export const REGION_ORDER = 'AWS_REGION, AWS_DEFAULT_REGION, then the Region of the profile';

/** The format of a Region's name. Whether the Region exists, only AWS knows. */
export function checkRegion(value: string): string | undefined {
  return REGION.test(value) ? undefined : 'is not the name of a Region, such as us-east-1.';
}

/** A URL with http or https. */
export function checkUrl(value: string): string | undefined {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
    ? undefined
    : 'is not a URL, such as https://cloudformation.us-east-1.amazonaws.com.';
}

/** A positive whole number. */
export function checkCount(value: string): string | undefined {
  return /^[1-9]\d{0,5}$/.test(value) ? undefined : 'is not a whole number from 1 to 999999.';
}

/** Twelve digits. */
export function checkAccountId(value: string): string | undefined {
  return /^\d{12}$/.test(value) ? undefined : 'is not an account ID of twelve digits.';
}

/** The name of a role or a cluster that is given by its name or its ARN. */
export function nameOf(nameOrArn: string): string {
  return nameOrArn.split('/').at(-1) ?? nameOrArn;
}
