import type { AccountIdentity } from '../../../account-identity';
import type { NamedPolicy, PolicyDocument } from '../documents';
import { awsManagedPolicies } from './aws-managed-policies';
import { type ManagedPolicy, newEntity } from './entities';

/** What a role is made from. */
export interface RoleDefinition {
  roleName: string;
  assumeRolePolicyDocument: PolicyDocument;
  /** `/` or `/team/`. */
  path?: string;
  description?: string | undefined;
  tags?: Record<string, string>;
  inlinePolicies?: NamedPolicy[];
  managedPolicyArns?: string[];
  /** Seconds. Defaults to 3600. */
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

/** What can be changed in a role. */
export type RoleChange = Partial<Omit<RoleDefinition, 'roleName' | 'path'>>;

/** The roles of one account. Names are unique without regard to case (IAM user guide, "IAM and AWS STS quotas"). */
export class Roles {
  /** By ARN, AWS's own included. */
  readonly managedPolicies: Map<string, ManagedPolicy> = awsManagedPolicies();

  /** By name in lower case. */
  #roles = new Map<string, Role>();
  #sorted: Role[] | undefined;

  constructor(private readonly identity: AccountIdentity) {}

  /** @throws Error when the name is in use, or a managed policy is not known here. */
  create(definition: RoleDefinition): Role {
    const { roleName, path = '/' } = definition;
    if (this.isTaken(roleName)) {
      throw new Error(`Role with name ${roleName} already exists.`);
    }
    const { name: _, id: roleId, ...common } = newEntity(this.identity, 'role', roleName, path);
    const role: Role = {
      ...common,
      roleName,
      roleId,
      description: definition.description,
      assumeRolePolicyDocument: definition.assumeRolePolicyDocument,
      tags: { ...definition.tags },
      inlinePolicies: [...(definition.inlinePolicies ?? [])],
      managedPolicyArns: [...(definition.managedPolicyArns ?? [])],
      maxSessionDuration: definition.maxSessionDuration ?? 3600,
    };
    this.identityPolicies(role);
    this.#roles.set(roleName.toLowerCase(), role);
    this.#sorted = undefined;
    return role;
  }

  /** Whether there is a role of that name, in upper or lower case. */
  isTaken(roleName: string): boolean {
    return this.#roles.has(roleName.toLowerCase());
  }

  get(roleName: string): Role | undefined {
    const role = this.#roles.get(roleName.toLowerCase());
    return role?.roleName === roleName ? role : undefined;
  }

  /** The role of an ARN, path included. */
  byArn(arn: string): Role | undefined {
    const role = this.get(arn.slice(arn.lastIndexOf('/') + 1));
    return role?.arn === arn ? role : undefined;
  }

  /**
   * Changes a role in place; sessions that exist see the change at once.
   * @throws Error when there is no such role, or a managed policy is not known here.
   */
  update(roleName: string, change: RoleChange): Role {
    const role = this.get(roleName);
    if (!role) {
      throw new Error(`The role with name ${roleName} cannot be found.`);
    }
    const changed = Object.entries(change).filter(([, value]) => value !== undefined);
    this.identityPolicies({ ...role, ...Object.fromEntries(changed) });
    return Object.assign(role, Object.fromEntries(changed));
  }

  /**
   * Deletes a role. Trust policies that name it contain its ID from then on, so that they do not trust a new role of
   * the same name (IAM user guide, "AWS JSON policy elements: Principal").
   * @returns Whether there was one.
   */
  delete(roleName: string): boolean {
    const deleted = this.get(roleName);
    if (!deleted) {
      return false;
    }
    this.#sorted = undefined;
    this.#roles.delete(roleName.toLowerCase());
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

  /** All roles, sorted by name as `ListRoles` gives them. */
  list(): readonly Role[] {
    this.#sorted ??= [...this.#roles.values()].sort((a, b) => (a.roleName < b.roleName ? -1 : 1));
    return this.#sorted;
  }

  /** The inline and managed policies of a role. @throws Error for a managed policy that does not exist here. */
  identityPolicies(role: Role): NamedPolicy[] {
    const managed = role.managedPolicyArns.map((arn) => {
      const policy = this.managedPolicies.get(arn);
      if (!policy) {
        throw new Error(`Policy ${arn} does not exist in the local account`);
      }
      return { name: arn, document: policy.document };
    });
    return [...role.inlinePolicies, ...managed];
  }
}
