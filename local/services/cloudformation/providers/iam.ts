import type { AccountIdentity } from '../../../account-identity';
import { identityPolicyProblem, type NamedPolicy, type PolicyDocument } from '../../iam/documents';
import type { InstanceProfiles } from '../../iam/store/instance-profiles';
import type { Role, RoleChange, RoleDefinition } from '../../iam/store/roles';
import { type Principals, trustPolicyProblem } from '../../iam/trust-policies';
import type { Model } from '../handlers/protocol';
import { generatedName, type Provider, ResourceFailure } from './provider';

/** What IAM resources are made in. */
interface IamResources extends Principals {
  readonly instanceProfiles: InstanceProfiles;
}

/** The IAM types of templates, by name. They act on the account without its API. */
export function iamProviders(iam: IamResources): ReadonlyMap<string, Provider> {
  return new Map([
    ['AWS::IAM::Role', roleProvider(iam)],
    ['AWS::IAM::InstanceProfile', instanceProfileProvider(iam)],
    ['AWS::IAM::Policy', inlinePolicyProvider(iam, ({ Roles }) => (Roles ?? []) as string[])],
    ['AWS::IAM::RolePolicy', inlinePolicyProvider(iam, ({ RoleName }) => [String(RoleName)])],
    ['AWS::IAM::ManagedPolicy', managedPolicyProvider(iam)],
  ]);
}

function roleProvider(iam: IamResources): Provider {
  const { roles } = iam;
  const describe = (role: Role, properties: Model) => {
    return { physicalId: role.roleName, attributes: { Arn: role.arn, RoleId: role.roleId }, properties };
  };
  return {
    createOnly: () => ['RoleName', 'Path'],
    async create(properties, place) {
      const roleName = String(properties.RoleName ?? generatedName(place));
      if (roles.isTaken(roleName)) {
        throw failure('EntityAlreadyExists', `Role with name ${roleName} already exists.`, 'AlreadyExists');
      }
      const definition = readRole(properties, roleName);
      checkTrustPolicy(definition, iam);
      return describe(
        attaching(() => roles.create(definition)),
        properties,
      );
    },
    async update(current, properties) {
      const { roleName, path: _, ...change } = readRole(properties, current.physicalId);
      checkTrustPolicy(change, iam);
      const role = existing(roles.get(roleName), `role with name ${roleName}`);
      // Policies that the role has from elsewhere stay.
      const before = readRole(current.properties, roleName);
      const own = new Set([...before.inlinePolicies, ...change.inlinePolicies].map(({ name }) => name));
      const inlinePolicies = [
        ...role.inlinePolicies.filter(({ name }) => !own.has(name)),
        ...change.inlinePolicies,
      ];
      const attached = [...before.managedPolicyArns, ...change.managedPolicyArns];
      const others = role.managedPolicyArns.filter((arn) => !attached.includes(arn));
      const managedPolicyArns = [...others, ...change.managedPolicyArns];
      return describe(
        attaching(() => roles.update(roleName, { ...change, inlinePolicies, managedPolicyArns })),
        properties,
      );
    },
    async delete({ physicalId, properties }) {
      const names = new Set(readRole(properties, physicalId).inlinePolicies.map(({ name }) => name));
      if (roles.get(physicalId)?.inlinePolicies.some(({ name }) => !names.has(name))) {
        const message = 'Cannot delete entity, must delete policies first.';
        throw failure('DeleteConflict', message, 'InvalidRequest');
      }
      roles.delete(physicalId);
    },
  };
}

function instanceProfileProvider({ roles, instanceProfiles }: IamResources): Provider {
  const put = (name: string, properties: Model) => {
    const roleNames = (properties.Roles as unknown[]).map(String);
    for (const roleName of roleNames) {
      existing(roles.get(roleName), `role with name ${roleName}`);
    }
    const path = String(properties.Path ?? '/');
    const profile = instanceProfiles.get(name) ?? instanceProfiles.create(name, { path });
    profile.roleNames = roleNames;
    return { physicalId: name, attributes: { Arn: profile.arn }, properties };
  };
  return {
    createOnly: () => ['InstanceProfileName', 'Path'],
    create: async (properties, place) =>
      put(String(properties.InstanceProfileName ?? generatedName(place)), properties),
    update: async ({ physicalId }, properties) => put(physicalId, properties),
    async delete({ physicalId }) {
      instanceProfiles.delete(physicalId);
    },
  };
}

/** A policy within roles, under its `PolicyName`. */
function inlinePolicyProvider({ roles }: IamResources, rolesOf: (properties: Model) => string[]): Provider {
  const change = (properties: Model, document: PolicyDocument | undefined) => {
    const name = String(properties.PolicyName);
    for (const role of rolesOf(properties).flatMap((roleName) => roles.get(roleName) ?? [])) {
      const others = role.inlinePolicies.filter((policy) => policy.name !== name);
      roles.update(role.roleName, { inlinePolicies: document ? [...others, { name, document }] : others });
    }
  };
  const put = async (properties: Model) => {
    refuseUnknown('an inline policy', properties, ['PolicyDocument', 'PolicyName', 'RoleName', 'Roles']);
    const document = checkedPolicy(properties.PolicyName, properties.PolicyDocument);
    for (const roleName of rolesOf(properties)) {
      existing(roles.get(roleName), `role with name ${roleName}`);
    }
    change(properties, document);
  };
  return {
    createOnly: () => ['PolicyName', 'RoleName'],
    async create(properties, place) {
      await put(properties);
      return { physicalId: generatedName(place), attributes: {}, properties };
    },
    async update(current, properties) {
      change(current.properties, undefined);
      await put(properties);
      return { ...current, properties };
    },
    async delete({ properties }) {
      change(properties, undefined);
    },
  };
}

function managedPolicyProvider({ identity, roles }: IamResources): Provider {
  const attach = (arn: string, properties: Model, isAttached: boolean) => {
    for (const name of ((properties.Roles ?? []) as unknown[]).map(String)) {
      const role = roles.get(name);
      const others = role?.managedPolicyArns.filter((other) => other !== arn) ?? [];
      if (role) {
        roles.update(name, { managedPolicyArns: isAttached ? [...others, arn] : others });
      }
    }
  };
  const put = async (arn: string, properties: Model) => {
    const known = ['Description', 'ManagedPolicyName', 'Path', 'PolicyDocument', 'Roles'];
    refuseUnknown('AWS::IAM::ManagedPolicy', properties, known);
    roles.customerPolicies.set(arn, checkedPolicy(arn, properties.PolicyDocument));
    attach(arn, properties, true);
    return { physicalId: arn, attributes: { PolicyArn: arn }, properties };
  };
  return {
    createOnly: () => ['Description', 'ManagedPolicyName', 'Path'],
    create: (properties, place) => {
      const name = String(properties.ManagedPolicyName ?? generatedName(place, 128));
      return put(arnOf(identity, 'policy', properties, name), properties);
    },
    update: (current, properties) => {
      attach(current.physicalId, current.properties, false);
      return put(current.physicalId, properties);
    },
    async delete({ physicalId, properties }) {
      attach(physicalId, properties, false);
      if (roles.list().some(({ managedPolicyArns }) => managedPolicyArns.includes(physicalId))) {
        const message = 'Cannot delete a policy attached to entities.';
        throw failure('DeleteConflict', message, 'InvalidRequest');
      }
      roles.customerPolicies.delete(physicalId);
    },
  };
}

const ROLE_PROPERTIES = [
  ...[
    'AssumeRolePolicyDocument',
    'Description',
    'ManagedPolicyArns',
    'MaxSessionDuration',
    'Path',
    'Policies',
  ],
  ...['RoleName', 'Tags'],
];

/** @throws ResourceFailure */
function readRole(
  properties: Model,
  roleName: string,
): RoleDefinition & Required<Pick<RoleChange, 'inlinePolicies' | 'managedPolicyArns'>> {
  refuseUnknown('AWS::IAM::Role', properties, ROLE_PROPERTIES);
  const inlinePolicies: NamedPolicy[] = [];
  for (const { PolicyName, PolicyDocument: document } of (properties.Policies ?? []) as Model[]) {
    inlinePolicies.push({
      name: String(PolicyName),
      document: checkedPolicy(PolicyName, document),
    });
  }
  const tags = (properties.Tags ?? []) as { Key: string; Value: string }[];
  return {
    roleName,
    assumeRolePolicyDocument: properties.AssumeRolePolicyDocument as PolicyDocument,
    path: String(properties.Path ?? '/'),
    description: String(properties.Description ?? ''),
    tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
    inlinePolicies,
    managedPolicyArns: (properties.ManagedPolicyArns ?? []) as string[],
    maxSessionDuration: Number(properties.MaxSessionDuration ?? 3600),
  };
}

function arnOf(
  { accountId, partition }: AccountIdentity,
  kind: string,
  { Path = '/' }: Model,
  name: string,
): string {
  return `arn:${partition}:iam::${accountId}:${kind}${String(Path)}${name}`;
}

function checkedPolicy(name: unknown, document: unknown): PolicyDocument {
  const problem = identityPolicyProblem(document as PolicyDocument);
  if (problem !== undefined) {
    throw failure('MalformedPolicyDocument', `Policy ${String(name)}: ${problem}`, 'InvalidRequest');
  }
  return document as PolicyDocument;
}

function checkTrustPolicy({ assumeRolePolicyDocument }: RoleChange, principals: Principals): void {
  const problem = trustPolicyProblem(assumeRolePolicyDocument as PolicyDocument, principals);
  if (problem !== undefined) {
    throw failure('MalformedPolicyDocument', problem, 'InvalidRequest');
  }
}

/** A managed policy that does not exist is a failure of the role that names it. */
function attaching(change: () => Role): Role {
  try {
    return change();
  } catch (error) {
    throw failure('NoSuchEntity', error instanceof Error ? error.message : String(error), 'NotFound');
  }
}

function existing<T>(found: T | undefined, what: string): T {
  if (found !== undefined) {
    return found;
  }
  throw failure('NoSuchEntity', `The ${what} cannot be found.`, 'NotFound');
}

function refuseUnknown(type: string, properties: Model, known: readonly string[]): void {
  const unknown = Object.keys(properties).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw failure(
      'ValidationError',
      `The local account does not know ${unknown} of ${type}`,
      'InvalidRequest',
    );
  }
}

/** In the words of IAM. */
function failure(code: string, message: string, handlerErrorCode: string): ResourceFailure {
  return new ResourceFailure(`${message} (Service: Iam, ${code})`, handlerErrorCode);
}
