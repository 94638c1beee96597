import type { AccountIdentity } from '../../../account-identity';
import { uniqueId } from '../../../ids';
import type { NamedPolicy, PolicyDocument } from '../documents';

/**
 * What IAM keeps, by the word that its ARNs have: the parameter with its name, the greatest length of a name, and the
 * prefix of its ID (IAM user guide, "IAM and AWS STS quotas", "reference_identifiers").
 */
export const KINDS = {
  role: { member: 'RoleName', longest: 64, prefix: 'AROA' },
  user: { member: 'UserName', longest: 64, prefix: 'AIDA' },
  'instance-profile': { member: 'InstanceProfileName', longest: 128, prefix: 'AIPA' },
  policy: { member: 'PolicyName', longest: 128, prefix: 'ANPA' },
};
export type Kind = keyof typeof KINDS;

/** What all of them have. */
export interface Entity {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  /** `/` or `/team/`. */
  readonly path: string;
  readonly createDate: Date;
}

/** An IAM user. */
export interface User extends Entity {
  readonly policies: readonly NamedPolicy[];
}

/** An instance profile. */
export interface InstanceProfile extends Entity {
  /** None or one (IAM user guide, "IAM and AWS STS quotas"). */
  roleNames: readonly string[];
}

/** A managed policy, of whose versions only the default one is kept. */
export interface ManagedPolicy extends Entity {
  readonly description: string | undefined;
  document: PolicyDocument;
  /** The number of the default version. */
  version: number;
}

/** What something new has. */
export function newEntity(identity: AccountIdentity, kind: Kind, name: string, path = '/'): Entity {
  const id = uniqueId(KINDS[kind].prefix);
  return { name, id, arn: iamArn(identity, kind, name, path), path, createDate: new Date() };
}

/** The ARN of something with this name, whether it exists or not. */
export function iamArn(identity: AccountIdentity, kind: Kind, name: string, path = '/'): string {
  return `arn:${identity.partition}:iam::${identity.accountId}:${kind}${path}${name}`;
}
