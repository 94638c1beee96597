import { ApiError, found } from '../../gateway/errors';
import { uniqueId } from '../../ids';
import type { NamedPolicy, PolicyDocument } from './documents';
import ecsForEc2Role from './ecs-for-ec2-role.json';

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

type RoleDefinition = Pick<Role, 'name' | 'assumeRolePolicyDocument'> &
  Partial<Omit<Role, 'id' | 'arn' | 'createDate'>>;

/** The only managed policy of AWS that templates here name. Source: AWS managed policy reference, v10 of 12 February 2026. */
const ECS_FOR_EC2_ROLE: ManagedPolicy = {
  ...newEntity('aws', 'policy', 'AmazonEC2ContainerServiceforEC2Role', '/service-role/'),
  description: undefined,
  version: 10,
  updateDate: new Date(),
  document: ecsForEc2Role,
};

/** The roles of one account. Names are unique without regard to case (IAM user guide, "IAM and AWS STS quotas"). */
export class Roles {
  /** By ARN, AWS's own included. */
  readonly managedPolicies = new Map<string, ManagedPolicy>([[ECS_FOR_EC2_ROLE.arn, ECS_FOR_EC2_ROLE]]);

  #roles = new Map<string, Role>();

  constructor(private readonly accountId: string) {}

  /** @throws ApiError EntityAlreadyExists */
  create({ name, path, ...definition }: RoleDefinition): Role {
    if (this.#roles.has(name.toLowerCase())) {
      throw new ApiError('EntityAlreadyExists', `Role with name ${name} already exists.`);
    }
    const role: Role = {
      description: undefined,
      permissionsBoundary: undefined,
      maxSessionDuration: 3600,
      tags: {},
      inlinePolicies: [],
      managedPolicyArns: [],
      ...definition,
      ...newEntity(this.accountId, 'role', name, path),
    };
    this.#roles.set(name.toLowerCase(), role);
    return role;
  }

  get(roleName: string): Role | undefined {
    const role = this.#roles.get(roleName.toLowerCase());
    return role?.name === roleName ? role : undefined;
  }

  /** The role of an ARN, path included. */
  byArn(arn: string): Role | undefined {
    const role = this.get(arn.slice(arn.lastIndexOf('/') + 1));
    return role?.arn === arn ? role : undefined;
  }

  /** Changes a role; sessions that exist see the change at once. @throws Error if the role does not exist. */
  update(roleName: string, change: Partial<Role>): Role {
    return Object.assign(this.#existing(roleName), change);
  }

  /**
   * Deletes a role. Trust policies that name it contain its ID from then on, so that they do not trust a new role of
   * the same name (IAM user guide, "AWS JSON policy elements: Principal").
   *
   * @throws Error if the role does not exist.
   */
  delete(roleName: string): void {
    const deleted = this.#existing(roleName);
    this.#roles.delete(roleName.toLowerCase());
    for (const role of this.#roles.values()) {
      role.assumeRolePolicyDocument = withoutPrincipal(role.assumeRolePolicyDocument, deleted);
    }
  }

  /** All roles, sorted by name as `ListRoles` gives them. */
  list(): readonly Role[] {
    return [...this.#roles.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The inline and managed policies of a role. @throws Error for a managed policy that does not exist here. */
  identityPolicies(role: Role): NamedPolicy[] {
    return [...role.inlinePolicies, ...role.managedPolicyArns.map((arn) => this.#managedPolicy(arn))];
  }

  /** The policy that limits a role's permissions, if it has one. @throws Error if the policy does not exist here. */
  boundary({ permissionsBoundary: arn }: Role): NamedPolicy | undefined {
    return arn === undefined ? undefined : this.#managedPolicy(arn);
  }

  #managedPolicy(arn: string): NamedPolicy {
    const missing = new Error(`Policy ${arn} does not exist in the local account`);
    return { name: arn, document: found(this.managedPolicies.get(arn), missing).document };
  }

  #existing(roleName: string): Role {
    return found(this.get(roleName), new Error(`The role with name ${roleName} cannot be found.`));
  }
}

/** A trust policy with a deleted role's ID in place of its ARN as a principal. */
function withoutPrincipal(document: PolicyDocument, { arn, id }: Role): PolicyDocument {
  const idOf = (principal: string) => (principal === arn ? id : principal);
  const change = (statement: { Principal?: '*' | { AWS?: string | string[] } }) => {
    const { Principal } = statement;
    return typeof Principal === 'object' && Principal.AWS !== undefined
      ? { ...statement, Principal: { ...Principal, AWS: each(Principal.AWS, idOf) } }
      : statement;
  };
  return { ...document, Statement: each(document.Statement as object, change) };
}

function each<T>(items: T | T[], change: (item: T) => T): T | T[] {
  return Array.isArray(items) ? items.map(change) : change(items);
}
