import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Caller, call, clientConfiguration, ServiceError } from 'resource-runtime';

/** Who the handler runs as. CloudFormation runs it as a session of the handler role; in a test it can be an IAM user. */
export interface CallerIdentity {
  readonly accountId: string;
  /** The session's ARN, or the user's. */
  readonly arn: string;
  readonly kind: 'role' | 'user' | 'other';
  /** The role's or the user's name, without a path. */
  readonly name: string;
}

/** The account and the principal: `root`, or a kind, a path and a name without a slash (IAM guide, "IAM ARNs"). */
const IDENTITY_ARN = /^arn:aws(?:-[a-z]+)*:(?:iam|sts)::(\d{12}):(root|[a-z-]+\/(?:[!-~]+\/)?[!-.0-~]+)$/;

/** Who the handler runs as, from `sts:GetCallerIdentity`. @throws ServiceError */
export async function findCallerIdentity(handlerRole: Caller): Promise<CallerIdentity> {
  const sts = new STSClient(clientConfiguration(handlerRole));
  const { Arn: arn = '' } = await call(handlerRole, 'sts:GetCallerIdentity', (options) =>
    sts.send(new GetCallerIdentityCommand({}), options),
  );
  const [, accountId, resource = ''] = IDENTITY_ARN.exec(arn) ?? [];
  if (!accountId) {
    throw ServiceError.malformedResponse('sts:GetCallerIdentity');
  }
  const [kind, ...names] = resource.split('/');
  switch (kind) {
    case 'assumed-role':
      return { accountId, arn, kind: 'role', name: names[0] ?? '' };
    case 'user':
      return { accountId, arn, kind: 'user', name: names.at(-1) ?? '' };
    default:
      return { accountId, arn, kind: 'other', name: resource };
  }
}
