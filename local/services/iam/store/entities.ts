import { uniqueId } from '../../../ids';
import type { NamedPolicy, PolicyDocument } from '../documents';

/**
 * What IAM keeps, by the word that its ARNs have: the noun in its parameters, the greatest length of a name, and the
 * prefix of its ID (IAM user guide, "IAM and AWS STS quotas", "reference_identifiers").
 */
export const KINDS = {
  role: { noun: 'Role', longest: 64, prefix: 'AROA' },
  user: { noun: 'User', longest: 64, prefix: 'AIDA' },
  'instance-profile': { noun: 'InstanceProfile', longest: 128, prefix: 'AIPA' },
  policy: { noun: 'Policy', longest: 128, prefix: 'ANPA' },
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
export function newEntity(accountId: string, kind: Kind, name: string, path = '/'): Entity {
  const id = uniqueId(KINDS[kind].prefix);
  return { name, id, arn: iamArn(accountId, kind, name, path), path, createDate: new Date() };
}

/** The ARN of something with this name, whether it exists or not. */
export function iamArn(accountId: string, kind: Kind, name: string, path = '/'): string {
  return `arn:aws:iam::${accountId}:${kind}${path}${name}`;
}
