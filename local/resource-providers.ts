import { isDeepStrictEqual } from 'node:util';
import type { LocalAccount } from './account';
import type { RunInput, RunResult } from './cloudformation';
import type { Action, Model, ProgressEvent } from './handler-protocol';
import { uniqueId } from './ids';
import { type NamedPolicy, type PolicyDocument, problemOf } from './policies';
import type { RoleDefinition } from './roles';
import { propertyNames, type TypeSchema } from './schema';

/** A resource as its provider knows it. */
export interface Existing {
  physicalId: string;
  /** What `Fn::GetAtt` gives. */
  attributes: Record<string, unknown>;
  /** As the template has them, resolved. */
  properties: Model;
}

/** In which stack and under which logical ID a resource stands. */
export interface Place {
  stackName: string;
  stackId: string;
  logicalId: string;
}

/** What CloudFormation does with the resources of one type. */
export interface Provider {
  /** @throws ResourceFailure */
  create(properties: Model, place: Place): Promise<Existing>;
  /** @throws ResourceFailure */
  update(current: Existing, properties: Model, place: Place): Promise<Existing>;
  /** Gone already is as good as deleted. @throws ResourceFailure */
  delete(current: Existing, place: Place): Promise<void>;
  /** Whether the change takes a new resource. */
  replaces(current: Existing, properties: Model): boolean;
}

/** A resource could not be created, changed or deleted. */
export class ResourceFailure extends Error {
  constructor(
    message: string,
    readonly errorCode: string,
    /** What a failed creation may have left behind, for the rollback to delete. */
    readonly leftBehind?: Existing,
  ) {
    super(message);
  }
}

/** IAM roles, made in the account without its API. */
export function roleProvider(account: LocalAccount): Provider {
  const describe = (roleName: string, properties: Model): Existing => {
    const role = account.roles.get(roleName);
    return { physicalId: roleName, attributes: { Arn: role?.arn, RoleId: role?.roleId }, properties };
  };
  return {
    async create(properties, place) {
      const roleName = properties.RoleName ? String(properties.RoleName) : generatedName(place);
      const definition = await readRole(properties, roleName);
      checkPrincipals(account, definition);
      account.roles.create(definition);
      return describe(roleName, properties);
    },
    async update({ physicalId }, properties) {
      const { roleName: _name, path: _path, ...change } = await readRole(properties, physicalId);
      checkPrincipals(account, change);
      account.roles.update(physicalId, change);
      return describe(physicalId, properties);
    },
    async delete({ physicalId }) {
      account.roles.delete(physicalId);
    },
    replaces: (current, properties) => differs(current, properties, ['RoleName', 'Path']),
  };
}

/** IAM instance profiles. */
export function instanceProfileProvider(account: LocalAccount): Provider {
  const put = (name: string, properties: Model): Existing => {
    const arn = `arn:${account.partition}:iam::${account.accountId}:instance-profile/${name}`;
    const roleNames = (properties.Roles as unknown[]).map(String);
    const missing = roleNames.find((roleName) => !account.roles.get(roleName));
    if (missing !== undefined) throw new ResourceFailure(`There is no role ${missing}`, 'NotFound');
    account.instanceProfiles.set(name, { instanceProfileName: name, arn, roleNames });
    return { physicalId: name, attributes: { Arn: arn }, properties };
  };
  return {
    create: async (properties, place) =>
      put(String(properties.InstanceProfileName ?? generatedName(place)), properties),
    update: async ({ physicalId }, properties) => put(physicalId, properties),
    async delete({ physicalId }) {
      account.instanceProfiles.delete(physicalId);
    },
    replaces: (current, properties) => differs(current, properties, ['InstanceProfileName', 'Path']),
  };
}

/** Resources of the registry type, through its handlers. */
export function registryProvider(
  schema: () => TypeSchema,
  run: (action: Action, input: RunInput) => Promise<RunResult>,
): Provider {
  const identifiers = () => propertyNames(schema().primaryIdentifier);
  const describe = (model: Model, properties: Model): Existing => ({
    physicalId: identifiers()
      .map((name) => String(model[name]))
      .join('|'),
    attributes: { ...model },
    properties,
  });
  return {
    async create(properties, place) {
      const { final, held } = await run('CREATE', { properties, ...place });
      if (final.status === 'SUCCESS') return describe(final.resourceModel ?? properties, properties);
      const complete = held && identifiers().every((name) => held[name] !== undefined);
      throw failure(final, complete ? describe(held, properties) : undefined);
    },
    async update(current, properties, place) {
      const previousProperties = current.properties;
      const { final } = await run('UPDATE', { properties, previousProperties, ...place });
      if (final.status !== 'SUCCESS') throw failure(final);
      return describe(final.resourceModel ?? properties, properties);
    },
    async delete(current, place) {
      const { final } = await run('DELETE', { properties: current.properties, ...place });
      if (final.status !== 'SUCCESS' && final.errorCode !== 'NotFound') throw failure(final);
    },
    replaces: (current, properties) =>
      differs(current, properties, propertyNames(schema().createOnlyProperties)),
  };
}

function failure(
  { message, errorCode = 'InternalFailure' }: ProgressEvent,
  leftBehind?: Existing,
): ResourceFailure {
  return new ResourceFailure(`${message ?? ''} (HandlerErrorCode: ${errorCode})`, errorCode, leftBehind);
}

function differs(current: Existing, properties: Model, names: string[]): boolean {
  return names.some((name) => !isDeepStrictEqual(current.properties[name], properties[name]));
}

/** `<stack>-<logical ID>-<random>`, at most as long as IAM takes. */
function generatedName({ stackName, logicalId }: Place): string {
  return `${`${stackName}-${logicalId}`.slice(0, 50)}-${uniqueId('', 12)}`;
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
  account: LocalAccount,
  { assumeRolePolicyDocument }: Pick<RoleDefinition, 'assumeRolePolicyDocument'>,
): void {
  const missing = account.roles.missingPrincipal(assumeRolePolicyDocument);
  if (missing !== undefined) {
    const reason = `Invalid principal in policy: "AWS":"${missing}" (Service: Iam, MalformedPolicyDocument)`;
    throw new ResourceFailure(reason, 'InvalidRequest');
  }
}

async function readRole(properties: Model, roleName: string): Promise<RoleDefinition> {
  const unknown = Object.keys(properties).find((name) => !ROLE_PROPERTIES.includes(name));
  if (unknown !== undefined)
    throw new ResourceFailure(`AWS::IAM::Role: ${unknown} is not known here`, 'InvalidRequest');
  const policies = (properties.Policies ?? []) as { PolicyName: string; PolicyDocument: PolicyDocument }[];
  const inlinePolicies = policies.map(
    ({ PolicyName, PolicyDocument: document }): NamedPolicy => ({ name: PolicyName, document }),
  );
  for (const { name, document } of inlinePolicies) {
    const problem = await problemOf(document);
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
