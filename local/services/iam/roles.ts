import { ApiError } from '../../gateway/errors';
import { uniqueId } from '../../ids';
import { managedPolicy } from './managed-policies';
import type { NamedPolicy, PolicyDocument } from './policies';

/** What a role is made from. */
export interface RoleDefinition {
  roleName: string;
  assumeRolePolicyDocument: PolicyDocument;
  /** `/` or `/team/`. */
  path?: string;
  description?: string;
  tags?: Record<string, string>;
  inlinePolicies?: NamedPolicy[];
  managedPolicyArns?: string[];
  /** Seconds, 3600 by default. */
  maxSessionDuration?: number;
}

/** An IAM role of the account. */
export interface Role {
  readonly roleName: string;
  readonly roleId: string;
  readonly arn: string;
  readonly path: string;
  readonly createDate: Date;
  description: string | undefined;
  assumeRolePolicyDocument: PolicyDocument;
  tags: Record<string, string>;
  inlinePolicies: NamedPolicy[];
  managedPolicyArns: string[];
  maxSessionDuration: number;
}

/** An instance profile of the account. */
export interface InstanceProfile {
  readonly instanceProfileName: string;
  readonly arn: string;
  readonly roleNames: readonly string[];
}

/** What of a role can be changed without making another. */
export type RoleChange = Partial<Omit<RoleDefinition, 'roleName' | 'path'>>;

/** The roles of one account, by name. */
export class Roles {
  /** Managed policies of the account's own, by ARN. */
  readonly customerPolicies = new Map<string, PolicyDocument>();

  #roles = new Map<string, Role>();
  #sorted: Role[] | undefined;

  constructor(
    private readonly accountId: string,
    private readonly partition: string,
  ) {}

  /** @throws Error when the name is taken, or a managed policy is not known here. */
  create(definition: RoleDefinition): Role {
    const { roleName, path = '/' } = definition;
    if (this.#roles.has(roleName)) throw new Error(`Role with name ${roleName} already exists.`);
    const role: Role = {
      roleName,
      roleId: uniqueId('AROA'),
      arn: `arn:${this.partition}:iam::${this.accountId}:role${path}${roleName}`,
      path,
      createDate: new Date(),
      description: definition.description,
      assumeRolePolicyDocument: definition.assumeRolePolicyDocument,
      tags: { ...definition.tags },
      inlinePolicies: [...(definition.inlinePolicies ?? [])],
      managedPolicyArns: [...(definition.managedPolicyArns ?? [])],
      maxSessionDuration: definition.maxSessionDuration ?? 3600,
    };
    this.identityPolicies(role);
    this.#roles.set(roleName, role);
    this.#sorted = undefined;
    return role;
  }

  get(roleName: string): Role | undefined {
    return this.#roles.get(roleName);
  }

  /** The role of an ARN, path included. */
  byArn(arn: string): Role | undefined {
    const role = this.#roles.get(arn.slice(arn.lastIndexOf('/') + 1));
    return role?.arn === arn ? role : undefined;
  }

  /**
   * Changes a role in place; sessions already made see it at once.
   * @throws Error when there is no such role, or a managed policy is not known here.
   */
  update(roleName: string, change: RoleChange): Role {
    const role = this.#roles.get(roleName);
    if (!role) throw new Error(`The role with name ${roleName} cannot be found.`);
    const changed = Object.entries(change).filter(([, value]) => value !== undefined);
    this.identityPolicies({ ...role, ...Object.fromEntries(changed) });
    return Object.assign(role, Object.fromEntries(changed));
  }

  /**
   * Trust policies that named the role name its id from then on, so that a new role of the name is not trusted
   * (IAM guide, "AWS JSON policy elements: Principal").
   * @returns whether there was one.
   */
  delete(roleName: string): boolean {
    const deleted = this.#roles.get(roleName);
    if (!deleted) {
      return false;
    }
    this.#sorted = undefined;
    this.#roles.delete(roleName);
    for (const role of this.#roles.values()) {
      const text = JSON.stringify(role.assumeRolePolicyDocument);
      if (text.includes(`"${deleted.arn}"`)) {
        role.assumeRolePolicyDocument = JSON.parse(
          text.replaceAll(`"${deleted.arn}"`, `"${deleted.roleId}"`),
        );
      }
    }
    return true;
  }

  /** A role of the account that a trust policy names as principal and that does not exist; IAM refuses the policy. */
  missingPrincipal({ Statement }: PolicyDocument): string | undefined {
    const prefix = `arn:${this.partition}:iam::${this.accountId}:role/`;
    return [Statement]
      .flat()
      .flatMap((it) => [(it as { Principal?: { AWS?: unknown } }).Principal?.AWS].flat())
      .find(
        (name): name is string => typeof name === 'string' && name.startsWith(prefix) && !this.byArn(name),
      );
  }

  /** All roles, sorted by name as `ListRoles` gives them. */
  list(): readonly Role[] {
    this.#sorted ??= [...this.#roles.values()].sort((a, b) => (a.roleName < b.roleName ? -1 : 1));
    return this.#sorted;
  }

  /** The inline and managed policies of a role. @throws Error for a managed policy that does not exist here. */
  identityPolicies(role: Role): NamedPolicy[] {
    const managed = role.managedPolicyArns.map((arn) => ({
      name: arn,
      document: this.customerPolicies.get(arn) ?? managedPolicy(arn),
    }));
    return [...role.inlinePolicies, ...managed];
  }
}

/** The inline policy of a role by its name. @throws ApiError NoSuchEntity */
export function inlinePolicy({ inlinePolicies }: Role, policyName: string): NamedPolicy {
  const policy = inlinePolicies.find(({ name }) => name === policyName);
  if (!policy) {
    throw new ApiError('NoSuchEntity', `The role policy with name ${policyName} cannot be found.`, 404);
  }
  return policy;
}
