import { uniqueId } from '../../../ids';
import type { NamedPolicy, PolicyDocument } from '../documents';

/**
 * The kinds of entity by the word in their ARNs: the noun in their parameters, and the prefix of an ID (IAM user guide,
 * "reference_identifiers").
 */
export const KINDS = {
  role: { noun: 'Role', prefix: 'AROA' },
  user: { noun: 'User', prefix: 'AIDA' },
  'instance-profile': { noun: 'InstanceProfile', prefix: 'AIPA' },
  policy: { noun: 'Policy', prefix: 'ANPA' },
};
export type Kind = keyof typeof KINDS;

export interface Entity {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  /** `/` or `/team/`. */
  readonly path: string;
  readonly createDate: Date;
}

export interface User extends Entity {
  readonly policies: readonly NamedPolicy[];
}

export interface Role extends Entity {
  description: string | undefined;
  assumeRolePolicyDocument: PolicyDocument;
  tags: Record<string, string>;
  inlinePolicies: NamedPolicy[];
  managedPolicyArns: string[];
  /** The ARN of a managed policy. */
  permissionsBoundary: string | undefined;
  maxSessionDuration: number;
}

export interface InstanceProfile extends Entity {
  /** None or one (IAM user guide, "IAM and AWS STS quotas"). */
  roles: readonly Role[];
}

/** A managed policy, of whose versions only the default one is kept. */
export interface ManagedPolicy extends Entity {
  readonly description: string | undefined;
  document: PolicyDocument;
  /** The number of the default version. */
  version: number;
  /** When that version was created. */
  updateDate: Date;
}

export function newEntity(accountId: string, kind: Kind, name: string, path = '/'): Entity {
  const id = uniqueId(KINDS[kind].prefix);
  return { name, id, arn: iamArn(accountId, kind, name, path), path, createDate: new Date() };
}

/** The ARN of an entity, whether it exists or not. */
export function iamArn(accountId: string, kind: Kind, name: string, path = '/'): string {
  return `arn:aws:iam::${accountId}:${kind}${path}${name}`;
}
