/** Options and checks of several commands. A check of a value returns what is wrong, as the end of a sentence. */
import type { TextOption } from './options';

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

/** The format of a Region's name. Whether the Region exists, only AWS knows. */
export function checkRegion(value: string): string | undefined {
  return REGION.test(value) ? undefined : 'is not the name of a Region, such as us-east-1.';
}

/** The option `--role-arn` and others like it. */
export const ROLE_OPTION = { value: 'ARN', check: checkRoleArn } as const satisfies Partial<TextOption>;

/** The option `--region`; if it is not given, `findRegion` in aws-environment.ts finds the Region. */
export const REGION_OPTION = {
  value: 'REGION',
  unset: 'AWS_REGION, AWS_DEFAULT_REGION, then the Region of the profile',
  check: checkRegion,
} as const satisfies Partial<TextOption>;

/** The option `--profile`. */
export const PROFILE_OPTION = {
  value: 'NAME',
  description: 'The AWS CLI profile to use.',
  unset: 'AWS_PROFILE, then the default profile',
} as const satisfies TextOption;

/** The options `--region` and `--profile` of a command that needs an account only with `--real`. */
export const REAL_REGION_OPTION = {
  ...REGION_OPTION,
  unset: `us-east-1; with --real ${REGION_OPTION.unset}`,
} as const;
export const REAL_PROFILE_OPTION = {
  ...PROFILE_OPTION,
  unset: `${PROFILE_OPTION.unset}; only with --real`,
} as const;

/** The values of a command, by the options' names. */
type Given<Name extends string> = Readonly<Record<Name, string | boolean | undefined>>;

/** @returns the message about an option that was given without `--real`. */
export function checkReal<Name extends string>(
  values: Given<Name | 'real'>,
  names: readonly Name[],
): string | undefined {
  const misplaced = values.real ? undefined : names.find((name) => values[name]);
  return misplaced && `--${misplaced} is only for a real account: give --real as well, or leave it out.`;
}

/** @returns the message about two options of which only one can be given. */
export function checkExclusive<Name extends string>(
  values: Given<Name>,
  ...pairs: (readonly [Name, Name])[]
): string | undefined {
  const both = pairs.find(([one, other]) => values[one] && values[other]);
  return both && `Give either --${both[0]} or --${both[1]}, not both.`;
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
