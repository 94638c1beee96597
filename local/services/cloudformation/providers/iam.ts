import { isDeepStrictEqual } from 'node:util';
import type { Output, Service } from '../../../gateway/service';
import type { Model } from '../handlers/protocol';
import {
  callAs,
  type Existing,
  failureOf,
  generatedName,
  ifThere,
  type Place,
  type Provider,
  ResourceFailure,
  type ServiceCall,
} from './provider';

/** What IAM adds to a resource and takes from it one by one, such as a role's policies. */
interface Part {
  /** The property with the items, or with a single one. */
  readonly property: string;
  readonly add: (id: string, item: never, properties: Model) => ServiceCall;
  readonly remove: (id: string, item: never, properties: Model) => ServiceCall;
}

/** How IAM's API makes the resources of a type. */
interface IamType {
  readonly createOnly: readonly string[];
  /** The other properties that are known. */
  readonly updatable: readonly string[];
  /** What is made; nothing for policies that are parts of roles. */
  readonly entity?: {
    readonly create: (properties: Model, place: Place) => ServiceCall;
    readonly describe: (answer: NonNullable<Output>) => Pick<Existing, 'physicalId' | 'attributes'>;
    readonly delete: (id: string) => ServiceCall;
  };
  /** Sets what an update can change in the entity. */
  readonly settings?: (id: string, properties: Model) => ServiceCall[];
  /** They come and go with the entity. */
  readonly tags?: Part;
  readonly parts: readonly Part[];
}

const ROLE: IamType = {
  createOnly: ['RoleName', 'Path'],
  updatable: [
    ...['AssumeRolePolicyDocument', 'Description', 'ManagedPolicyArns', 'MaxSessionDuration'],
    ...['Policies', 'Tags'],
  ],
  entity: {
    create: ({ ManagedPolicyArns: _arns, Policies: _policies, ...properties }, place) => [
      'CreateRole',
      { RoleName: generatedName(place), ...properties },
    ],
    describe: ({ Role }) => {
      const { RoleName, Arn, RoleId } = Role as Record<string, string>;
      return { physicalId: String(RoleName), attributes: { Arn, RoleId } };
    },
    delete: (RoleName) => ['DeleteRole', { RoleName }],
  },
  settings: (RoleName, { AssumeRolePolicyDocument, Description = '', MaxSessionDuration }) => [
    ['UpdateAssumeRolePolicy', { RoleName, PolicyDocument: AssumeRolePolicyDocument }],
    ['UpdateRole', { RoleName, Description, MaxSessionDuration }],
  ],
  tags: {
    property: 'Tags',
    add: (RoleName, tag) => ['TagRole', { RoleName, Tags: [tag] }],
    remove: (RoleName, { Key }: Model) => ['UntagRole', { RoleName, TagKeys: [Key] }],
  },
  parts: [
    {
      property: 'ManagedPolicyArns',
      add: (RoleName, PolicyArn) => ['AttachRolePolicy', { RoleName, PolicyArn }],
      remove: (RoleName, PolicyArn) => ['DetachRolePolicy', { RoleName, PolicyArn }],
    },
    {
      property: 'Policies',
      add: (RoleName, { PolicyName, PolicyDocument }: Model) => [
        'PutRolePolicy',
        { RoleName, PolicyName, PolicyDocument },
      ],
      remove: (RoleName, { PolicyName }: Model) => ['DeleteRolePolicy', { RoleName, PolicyName }],
    },
  ],
};

const INSTANCE_PROFILE: IamType = {
  createOnly: ['InstanceProfileName', 'Path'],
  updatable: ['Roles'],
  entity: {
    create: ({ Roles: _, ...properties }, place) => [
      'CreateInstanceProfile',
      { InstanceProfileName: generatedName(place), ...properties },
    ],
    describe: ({ InstanceProfile }) => {
      const { InstanceProfileName, Arn } = InstanceProfile as Record<string, string>;
      return { physicalId: String(InstanceProfileName), attributes: { Arn } };
    },
    delete: (InstanceProfileName) => ['DeleteInstanceProfile', { InstanceProfileName }],
  },
  parts: [
    {
      property: 'Roles',
      add: (InstanceProfileName, RoleName) => ['AddRoleToInstanceProfile', { InstanceProfileName, RoleName }],
      remove: (InstanceProfileName, RoleName) => [
        'RemoveRoleFromInstanceProfile',
        { InstanceProfileName, RoleName },
      ],
    },
  ],
};

const MANAGED_POLICY: IamType = {
  createOnly: ['Description', 'ManagedPolicyName', 'Path'],
  updatable: ['PolicyDocument', 'Roles'],
  entity: {
    create: ({ ManagedPolicyName: PolicyName, Roles: _, ...properties }, place) => [
      'CreatePolicy',
      { ...properties, PolicyName: PolicyName ?? generatedName(place, 128) },
    ],
    describe: ({ Policy }) => {
      const { Arn } = Policy as Record<string, string>;
      return { physicalId: String(Arn), attributes: { PolicyArn: Arn } };
    },
    delete: (PolicyArn) => ['DeletePolicy', { PolicyArn }],
  },
  settings: (PolicyArn, { PolicyDocument }) => [
    ['CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true }],
  ],
  parts: [
    {
      property: 'Roles',
      add: (PolicyArn, RoleName) => ['AttachRolePolicy', { RoleName, PolicyArn }],
      remove: (PolicyArn, RoleName) => ['DetachRolePolicy', { RoleName, PolicyArn }],
    },
  ],
};

/** A policy within roles. @param property The property that names the roles. */
const policyIn = (property: string): IamType => ({
  createOnly: ['PolicyName', 'RoleName'],
  updatable: ['PolicyDocument', property],
  parts: [
    {
      property,
      add: (_, RoleName, { PolicyName, PolicyDocument }) => [
        'PutRolePolicy',
        { RoleName, PolicyName, PolicyDocument },
      ],
      remove: (_, RoleName, { PolicyName }) => ['DeleteRolePolicy', { RoleName, PolicyName }],
    },
  ],
});

/** The IAM types of templates, by name, through IAM's API. */
export function iamProviders(iam: Service): ReadonlyMap<string, Provider> {
  const types: Record<string, IamType> = {
    'AWS::IAM::Role': ROLE,
    'AWS::IAM::InstanceProfile': INSTANCE_PROFILE,
    'AWS::IAM::ManagedPolicy': MANAGED_POLICY,
    'AWS::IAM::Policy': policyIn('Roles'),
    'AWS::IAM::RolePolicy': policyIn('RoleName'),
  };
  return new Map(Object.entries(types).map(([name, type]) => [name, iamProvider(iam, name, type)]));
}

function iamProvider(iam: Service, typeName: string, type: IamType): Provider {
  const { createOnly, entity, settings = () => [], tags, parts } = type;
  return {
    createOnly: () => createOnly,
    async create(properties, task) {
      refuseUnknown(typeName, type, properties);
      const made = entity
        ? entity.describe(await callAs(iam, task, entity.create(properties, task)))
        : { physicalId: generatedName(task), attributes: {} };
      const added: Record<string, unknown[]> = Object.fromEntries(
        parts.map(({ property }) => [property, []]),
      );
      try {
        for (const { property, add } of parts) {
          for (const item of itemsOf(properties, property)) {
            await callAs(iam, task, add(made.physicalId, item, properties));
            added[property]?.push(item);
          }
        }
      } catch (error) {
        const isAnything = entity !== undefined || Object.values(added).flat().length > 0;
        const { message, errorCode } = failureOf(error);
        const leftBehind = { ...made, properties: { ...properties, ...added } };
        throw new ResourceFailure(message, errorCode, isAnything ? leftBehind : undefined);
      }
      return { ...made, properties };
    },
    async update(current, properties, task) {
      refuseUnknown(typeName, type, properties);
      const { physicalId, properties: before } = current;
      const changed = settings(physicalId, properties);
      const moves = [...(tags ? [tags] : []), ...parts].map((part) =>
        move(part, physicalId, before, properties),
      );
      for (const call of moves.flatMap(({ removed }) => removed)) {
        await ifThere(callAs(iam, task, call));
      }
      for (const call of [
        ...without(changed, settings(physicalId, before)),
        ...moves.flatMap(({ added }) => added),
      ]) {
        await callAs(iam, task, call);
      }
      return { ...current, properties };
    },
    async delete({ physicalId, properties }, task) {
      for (const call of parts.flatMap((part) => move(part, physicalId, properties, {}).removed)) {
        await ifThere(callAs(iam, task, call));
      }
      if (entity) {
        await ifThere(callAs(iam, task, entity.delete(physicalId)));
      }
    },
  };
}

/** The calls that remove and add what differs. What is added is unlike what was there in any parameter. */
function move({ property, add, remove }: Part, id: string, before: Model, after: Model) {
  const calls = (call: Part['add'], properties: Model) =>
    itemsOf(properties, property).map((item) => call(id, item, properties));
  return {
    removed: without(calls(remove, before), calls(remove, after)),
    added: without(calls(add, after), calls(add, before)),
  };
}

function itemsOf(properties: Model, property: string): never[] {
  return [properties[property] ?? []].flat() as never[];
}

function without(calls: readonly ServiceCall[], others: readonly ServiceCall[]): ServiceCall[] {
  return calls.filter((call) => !others.some((other) => isDeepStrictEqual(call, other)));
}

function refuseUnknown(typeName: string, { createOnly, updatable }: IamType, properties: Model): void {
  const unknown = Object.keys(properties).find((it) => !createOnly.includes(it) && !updatable.includes(it));
  if (unknown !== undefined) {
    throw new ResourceFailure(`The local account does not know ${unknown} of ${typeName}`, 'InvalidRequest');
  }
}
