import type { AccountIdentity } from '../../../gateway/service';
import type { NamedPolicy, PolicyDocument, PolicyEngine } from '../../iam/policies';
import type { InstanceProfile, RoleDefinition, Roles } from '../../iam/roles';
import type { Model } from '../handlers/protocol';
import { type Existing, generatedName, type Provider, ResourceFailure } from './provider';

/** What IAM resources are made in. */
export interface IamResources {
  readonly identity: AccountIdentity;
  readonly roles: Roles;
  readonly policies: PolicyEngine;
  /** By name. */
  readonly instanceProfiles: Map<string, InstanceProfile>;
}

/** The IAM types of templates, by name. */
export function iamProviders(iam: IamResources): ReadonlyMap<string, Provider> {
  return new Map([
    ['AWS::IAM::Role', roleProvider(iam)],
    ['AWS::IAM::InstanceProfile', instanceProfileProvider(iam)],
  ]);
}

/** IAM roles, made in the account without its API. */
function roleProvider(iam: IamResources): Provider {
  const describe = (roleName: string, properties: Model): Existing => {
    const role = iam.roles.get(roleName);
    return { physicalId: roleName, attributes: { Arn: role?.arn, RoleId: role?.roleId }, properties };
  };
  return {
    async create(properties, place) {
      const roleName = properties.RoleName ? String(properties.RoleName) : generatedName(place);
      const definition = await readRole(properties, roleName, iam.policies);
      checkPrincipals(iam, definition);
      iam.roles.create(definition);
      return describe(roleName, properties);
    },
    async update({ physicalId }, properties) {
      const {
        roleName: _name,
        path: _path,
        ...change
      } = await readRole(properties, physicalId, iam.policies);
      checkPrincipals(iam, change);
      iam.roles.update(physicalId, change);
      return describe(physicalId, properties);
    },
    async delete({ physicalId }) {
      iam.roles.delete(physicalId);
    },
    createOnly: () => ['RoleName', 'Path'],
  };
}

/** IAM instance profiles. */
function instanceProfileProvider(iam: IamResources): Provider {
  const put = (name: string, properties: Model): Existing => {
    const arn = `arn:${iam.identity.partition}:iam::${iam.identity.accountId}:instance-profile/${name}`;
    const roleNames = (properties.Roles as unknown[]).map(String);
    const missing = roleNames.find((roleName) => !iam.roles.get(roleName));
    if (missing !== undefined) throw new ResourceFailure(`There is no role ${missing}`, 'NotFound');
    iam.instanceProfiles.set(name, { instanceProfileName: name, arn, roleNames });
    return { physicalId: name, attributes: { Arn: arn }, properties };
  };
  return {
    create: async (properties, place) =>
      put(String(properties.InstanceProfileName ?? generatedName(place)), properties),
    update: async ({ physicalId }, properties) => put(physicalId, properties),
    async delete({ physicalId }) {
      iam.instanceProfiles.delete(physicalId);
    },
    createOnly: () => ['InstanceProfileName', 'Path'],
  };
}

const ROLE_PROPERTIES = [
  'AssumeRolePolicyDocument',
  'Description',
  'ManagedPolicyArns',
  'MaxSessionDuration',
  'Path',
  'Policies',
  'RoleName',
  'Tags',
];

/** @throws ResourceFailure with IAM's words. */
function checkPrincipals(
  iam: IamResources,
  { assumeRolePolicyDocument }: Pick<RoleDefinition, 'assumeRolePolicyDocument'>,
): void {
  const missing = iam.roles.missingPrincipal(assumeRolePolicyDocument);
  if (missing !== undefined) {
    const reason = `Invalid principal in policy: "AWS":"${missing}" (Service: Iam, MalformedPolicyDocument)`;
    throw new ResourceFailure(reason, 'InvalidRequest');
  }
}

async function readRole(properties: Model, roleName: string, engine: PolicyEngine): Promise<RoleDefinition> {
  const unknown = Object.keys(properties).find((name) => !ROLE_PROPERTIES.includes(name));
  if (unknown !== undefined)
    throw new ResourceFailure(`AWS::IAM::Role: ${unknown} is not known here`, 'InvalidRequest');
  const policies = (properties.Policies ?? []) as { PolicyName: string; PolicyDocument: PolicyDocument }[];
  const inlinePolicies = policies.map(
    ({ PolicyName, PolicyDocument: document }): NamedPolicy => ({ name: PolicyName, document }),
  );
  for (const { name, document } of inlinePolicies) {
    const problem = await engine.problemOf(document);
    if (problem) throw new ResourceFailure(`Policy ${name}: ${problem}`, 'InvalidRequest');
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
