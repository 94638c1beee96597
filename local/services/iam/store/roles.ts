import type { AccountIdentity } from '../../../account-identity';
import type { NamedPolicy, PolicyDocument } from '../documents';
import { ECS_FOR_EC2_ROLE } from './aws-managed-policies';
import { type ManagedPolicy, newEntity } from './entities';

/** An IAM role. */
export interface Role {
  readonly roleName: string;
  readonly roleId: string;
  readonly arn: string;
  /** `/` or `/team/`. */
  readonly path: string;
  readonly createDate: Date;
  description: string | undefined;
  assumeRolePolicyDocument: PolicyDocument;
  tags: Record<string, string>;
  inlinePolicies: NamedPolicy[];
  managedPolicyArns: string[];
  /** Seconds. */
  maxSessionDuration: number;
}

/** What a role is made from. */
type RoleDefinition = Pick<Role, 'roleName' | 'assumeRolePolicyDocument'> &
  Partial<Omit<Role, 'roleId' | 'arn' | 'createDate'>>;

/** The roles of one account. Names are unique without regard to case (IAM user guide, "IAM and AWS STS quotas"). */
export class Roles {
  /** By ARN, AWS's own included. */
  readonly managedPolicies = new Map<string, ManagedPolicy>([[ECS_FOR_EC2_ROLE.arn, ECS_FOR_EC2_ROLE]]);

  /** By name in lower case. */
  #roles = new Map<string, Role>();

  constructor(private readonly identity: AccountIdentity) {}

  /** @throws Error when the name is in use. */
  create({ roleName, path, ...definition }: RoleDefinition): Role {
    if (this.isTaken(roleName)) {
      throw new Error(`Role with name ${roleName} already exists.`);
    }
    const { name: _, id: roleId, ...entity } = newEntity(this.identity, 'role', roleName, path);
    const defaults = { description: undefined, tags: {}, inlinePolicies: [], managedPolicyArns: [] };
    const role = { ...defaults, maxSessionDuration: 3600, ...definition, ...entity, roleName, roleId };
    this.#roles.set(roleName.toLowerCase(), role);
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

  /** Changes a role; sessions that exist see the change at once. @throws Error when there is no such role. */
  update(roleName: string, change: Partial<Role>): Role {
    const role = this.get(roleName);
    if (!role) {
      throw new Error(`The role with name ${roleName} cannot be found.`);
    }
    return Object.assign(role, change);
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
    this.#roles.delete(roleName.toLowerCase());
    for (const role of this.#roles.values()) {
      role.assumeRolePolicyDocument = withoutPrincipal(role.assumeRolePolicyDocument, deleted);
    }
    return true;
  }

  /** All roles, sorted by name as `ListRoles` gives them. */
  list(): readonly Role[] {
    return [...this.#roles.values()].sort((a, b) => (a.roleName < b.roleName ? -1 : 1));
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

/** A trust policy with a deleted role's ID in place of its ARN as a principal. */
function withoutPrincipal(document: PolicyDocument, { arn, roleId }: Role): PolicyDocument {
  const idOf = (principal: string) => (principal === arn ? roleId : principal);
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
