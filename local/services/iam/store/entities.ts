import type { AccountIdentity } from '../../../account-identity';
import { uniqueId } from '../../../ids';
import type { NamedPolicy, PolicyDocument } from '../documents';

/** The kinds of what IAM keeps, as ARNs have them, with the prefixes of their IDs ("reference_identifiers"). */
const ID_PREFIXES = { role: 'AROA', user: 'AIDA', 'instance-profile': 'AIPA', policy: 'ANPA' } as const;
export type EntityKind = keyof typeof ID_PREFIXES;

/** What all that IAM keeps has. */
interface Entity {
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

/** A managed policy. Of its versions, only the default one is kept. */
export interface ManagedPolicy extends Entity {
  readonly description: string | undefined;
  document: PolicyDocument;
  /** The number of the default version. */
  version: number;
}

/** What a new user, role, policy or instance profile begins with. */
export function newEntity(identity: AccountIdentity, kind: EntityKind, name: string, path = '/'): Entity {
  const id = uniqueId(ID_PREFIXES[kind]);
  return { name, id, arn: iamArn(identity, kind, name, path), path, createDate: new Date() };
}

export function iamArn(
  { partition, accountId }: AccountIdentity,
  kind: EntityKind,
  name: string,
  path = '/',
): string {
  return `arn:${partition}:iam::${accountId}:${kind}${path}${name}`;
}
