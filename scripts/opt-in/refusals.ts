/** What AWS refuses, in words that say what to do. */
import { awsFailure } from '../command-line/aws-failures';
import { CommandError } from '../command-line/command';
import type { Part } from './plan';

/** What opting in and out calls. */
const ACTIONS = [
  'iam:GetRole',
  'iam:GetRolePolicy',
  'iam:UpdateAssumeRolePolicy',
  'iam:PutRolePolicy',
  'iam:DeleteRolePolicy',
  'iam:TagRole',
  'iam:UntagRole',
];

/** Which quota of IAM ("IAM and AWS STS quotas") a part meets, and the way out. */
const LIMITS: Readonly<Record<Part, string>> = {
  'trust policy':
    'The trust policy would be longer than the quota "Role trust policy length" allows (2,048 characters by default). ' +
    'Shorten it, or request up to 4,096 characters in Service Quotas.',
  'inline policy':
    'The inline policies of the role would together be longer than IAM allows (10,240 characters). Make one of them ' +
    'a managed policy.',
  tag: 'The role has as many tags as IAM allows (50). Remove one.',
};

/**
 * A failure as a message for the user, with the failure as its cause. An error in our own code is returned as it is.
 *
 * @param roleName The role that the call was about.
 * @param part What was being changed; nothing where something was being read.
 */
export function explain(error: unknown, roleName: string, part?: Part): unknown {
  if (!(error instanceof Error) || error instanceof CommandError) {
    return error;
  }
  const sentence = aboutRole(error, roleName, part) ?? awsFailure(error)?.sentence;
  return sentence === undefined ? error : new CommandError(sentence, { cause: error });
}

/** What IAM refuses because of the role. */
function aboutRole({ name, message }: Error, roleName: string, part: Part | undefined): string | undefined {
  switch (name) {
    case 'NoSuchEntityException':
      return `There is no role ${roleName} in this account. Check the name and --profile.`;
    case 'LimitExceededException':
      return part && `${LIMITS[part]} (${message})`;
    case 'MalformedPolicyDocumentException':
      return (
        `IAM refuses the ${part} as a whole: ${message}. If it names a role or a user that was deleted, which IAM shows ` +
        'as an ID such as AROA…, remove that principal first.'
      );
    case 'AccessDenied':
    case 'AccessDeniedException':
      return `AWS denied the call: ${message}. Opting in and out requires ${ACTIONS.join(', ')} on the role.`;
    case 'UnmodifiableEntityException':
      return `AWS does not let anyone change the role ${roleName}: ${message}. Give the role of the container instances.`;
    case 'ConcurrentModificationException':
      return `Somebody else is changing the role ${roleName}. Run this again. (${message})`;
    default:
      return undefined;
  }
}
