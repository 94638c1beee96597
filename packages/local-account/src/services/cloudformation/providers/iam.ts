import { isDeepStrictEqual } from 'node:util';
import type { AccountWith, Parameters } from '../../../gateway/service';
import type { Stores } from '../../../stores';
import { iam } from '../../iam/service';
import type { Model } from '../handlers/schema';
import {
  callAs,
  type Existing,
  failureOf,
  generatedName,
  ifExists,
  missingProperty,
  type Provider,
  ResourceFailure,
  type ServiceCall,
  type Task,
} from './provider';

type Account = AccountWith<keyof Stores>;

/** What IAM adds to a resource and removes from it one by one, such as a role's policies. */
interface Part {
  /** The property with the items, or with a single one. */
  readonly property: string;
  readonly add: string;
  /** Takes the parameters of `add` that identify the item: all except documents, tags and the boundary. */
  readonly remove: string;
  readonly parameters: (id: string, item: never, properties: Model) => Parameters;
}

/** IAM's description of a new resource. */
type Made = Readonly<Record<string, string>> & { readonly Arn: string };

/** How to make the resources of a type with IAM's API. */
interface IamType {
  /** What is created; missing for policies that are only parts of roles. */
  readonly entity?: {
    /** As in `CreateRole`, `DeleteRole` and `RoleName`. */
    readonly noun: 'Role' | 'InstanceProfile' | 'Policy';
    /** The parameter of its physical ID. */
    readonly id: string;
    readonly attributes: (made: Made) => Model;
  };
  /** The property with the name, and the others that only a create can set. */
  readonly createOnly: readonly [name: string, ...others: string[]];
  /** Sets what an update can change, except the parts. */
  readonly settings?: (id: string, properties: Model) => ServiceCall[];
  readonly required: readonly string[];
  /** Other properties that are supported, except the parts. */
  readonly others: readonly string[];
  /** Those that are created and deleted with the resource. */
  readonly ownParts?: readonly Part[];
  readonly parts: readonly Part[];
}

const ATTACHED = { add: 'AttachRolePolicy', remove: 'DetachRolePolicy' };
const INLINE = { add: 'PutRolePolicy', remove: 'DeleteRolePolicy' };

const ROLE: IamType = {
  entity: { noun: 'Role', id: 'RoleName', attributes: ({ Arn, RoleId }) => ({ Arn, RoleId }) },
  createOnly: ['RoleName', 'Path'],
  settings: (RoleName, { AssumeRolePolicyDocument, Description = '', MaxSessionDuration = 3600 }) => [
    ['UpdateAssumeRolePolicy', { RoleName, PolicyDocument: AssumeRolePolicyDocument }],
    ['UpdateRole', { RoleName, Description, MaxSessionDuration }],
  ],
  required: ['AssumeRolePolicyDocument'],
  others: ['Description', 'MaxSessionDuration'],
  ownParts: [
    {
      property: 'Tags',
      add: 'TagRole',
      remove: 'UntagRole',
      parameters: (RoleName, tag: Model) => ({ RoleName, Tags: [tag], TagKeys: [tag.Key] }),
    },
    {
      property: 'PermissionsBoundary',
      add: 'PutRolePermissionsBoundary',
      remove: 'DeleteRolePermissionsBoundary',
      parameters: (RoleName, PermissionsBoundary) => ({ RoleName, PermissionsBoundary }),
    },
  ],
  parts: [
    {
      property: 'ManagedPolicyArns',
      ...ATTACHED,
      parameters: (RoleName, PolicyArn) => ({ RoleName, PolicyArn }),
    },
    { property: 'Policies', ...INLINE, parameters: (RoleName, policy: Model) => ({ RoleName, ...policy }) },
  ],
};

const INSTANCE_PROFILE: IamType = {
  entity: { noun: 'InstanceProfile', id: 'InstanceProfileName', attributes: ({ Arn }) => ({ Arn }) },
  createOnly: ['InstanceProfileName', 'Path'],
  required: ['Roles'],
  others: [],
  parts: [
    {
      property: 'Roles',
      add: 'AddRoleToInstanceProfile',
      remove: 'RemoveRoleFromInstanceProfile',
      parameters: (InstanceProfileName, RoleName) => ({ InstanceProfileName, RoleName }),
    },
  ],
};

const MANAGED_POLICY: IamType = {
  entity: { noun: 'Policy', id: 'PolicyArn', attributes: ({ Arn }) => ({ PolicyArn: Arn }) },
  createOnly: ['ManagedPolicyName', 'Path', 'Description'],
  settings: (PolicyArn, { PolicyDocument }) => [
    ['CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true }],
  ],
  required: ['PolicyDocument'],
  others: [],
  parts: [{ property: 'Roles', ...ATTACHED, parameters: (PolicyArn, RoleName) => ({ RoleName, PolicyArn }) }],
};

/** A policy within the roles that a property names. */
const policyIn = (property: 'Roles' | 'RoleName'): IamType => ({
  createOnly: ['PolicyName', ...(property === 'RoleName' ? [property] : [])],
  required: ['PolicyName', 'PolicyDocument'],
  others: [],
  parts: [
    {
      property,
      ...INLINE,
      parameters: (_, RoleName, { PolicyName, PolicyDocument }) => ({ RoleName, PolicyName, PolicyDocument }),
    },
  ],
});

/** The IAM types of templates, by name, through IAM's API. */
export function iamProviders(account: Account): ReadonlyMap<string, Provider> {
  const types: Record<string, IamType> = {
    'AWS::IAM::Role': ROLE,
    'AWS::IAM::InstanceProfile': INSTANCE_PROFILE,
    'AWS::IAM::ManagedPolicy': MANAGED_POLICY,
    'AWS::IAM::Policy': policyIn('Roles'),
    'AWS::IAM::RolePolicy': policyIn('RoleName'),
  };
  return new Map(Object.entries(types).map(([name, type]) => [name, iamProvider(account, name, type)]));
}

function iamProvider(account: Account, typeName: string, type: IamType): Provider {
  const { entity, createOnly, settings = () => [], ownParts = [], parts } = type;
  return {
    createOnly,
    ...(entity && { identifiers: [entity.id] }),
    async create(properties, task) {
      checkProperties(typeName, type, properties);
      const made = await createEntity(account, type, properties, task);
      checkHolders(type, { ...made, properties });
      const added: Record<string, unknown[]> = Object.fromEntries(
        parts.map(({ property }) => [property, []]),
      );
      try {
        for (const part of parts) {
          for (const item of itemsOf(part, properties)) {
            await callAs(account, iam, task, [part.add, part.parameters(made.physicalId, item, properties)]);
            added[part.property]?.push(item);
          }
        }
      } catch (error) {
        const { message, errorCode } = failureOf(error);
        const isAnything = entity !== undefined || Object.values(added).flat().length > 0;
        const leftBehind = isAnything ? { ...made, properties: { ...properties, ...added } } : undefined;
        throw new ResourceFailure(message, errorCode, leftBehind);
      }
      return { ...made, properties };
    },
    async update(current, properties, task) {
      checkProperties(typeName, type, properties);
      const { physicalId, properties: before } = current;
      const all = [...ownParts, ...parts];
      for (const call of all.flatMap((part) => removals(part, physicalId, before, properties))) {
        await ifExists(callAs(account, iam, task, call));
      }
      const calls = (of: Model) => [
        ...settings(physicalId, of),
        ...all.flatMap((part) => additions(part, physicalId, of)),
      ];
      for (const call of without(calls(properties), calls(before))) {
        await callAs(account, iam, task, call);
      }
      return { ...current, properties };
    },
    async delete(current, task) {
      const { physicalId, properties } = current;
      checkHolders(type, current);
      for (const call of parts.flatMap((part) => removals(part, physicalId, properties, {}))) {
        await ifExists(callAs(account, iam, task, call));
      }
      if (entity) {
        await ifExists(callAs(account, iam, task, [`Delete${entity.noun}`, { [entity.id]: physicalId }]));
      }
    },
  };
}

/**
 * A policy that is only a part of roles needs one, also to be deleted (recorded: localstack,
 * test_blocked_stack_deletion; the words are not).
 *
 * @throws ResourceFailure
 */
function checkHolders({ entity, parts }: IamType, existing: Existing): void {
  if (!entity && parts.every((part) => itemsOf(part, existing.properties).length === 0)) {
    const message = 'At least one of [Groups,Roles,Users] must be non-empty.';
    throw new ResourceFailure(message, 'InvalidRequest', existing);
  }
}

async function createEntity(
  account: Account,
  { entity, createOnly: [nameProperty] }: IamType,
  properties: Model,
  task: Task,
): Promise<Omit<Existing, 'properties'>> {
  if (!entity) {
    return { physicalId: generatedName(task), attributes: {} };
  }
  const { noun, id, attributes } = entity;
  const name = properties[nameProperty] ?? generatedName(task);
  const answer = await callAs(account, iam, task, [
    `Create${noun}`,
    { ...properties, [`${noun}Name`]: name },
  ]);
  const made = answer[noun] as Made;
  return { physicalId: made[id] ?? made.Arn, attributes: attributes(made) };
}

function additions(part: Part, id: string, properties: Model): ServiceCall[] {
  return itemsOf(part, properties).map((item) => [part.add, part.parameters(id, item, properties)]);
}

/** The calls that remove what exists before and not after. */
function removals(part: Part, id: string, before: Model, after: Model): ServiceCall[] {
  const calls = (properties: Model) =>
    additions(part, id, properties).map(([, parameters]) => {
      const {
        PolicyDocument: _document,
        Tags: _tags,
        PermissionsBoundary: _arn,
        ...identifiers
      } = parameters;
      return [part.remove, identifiers] as const;
    });
  return without(calls(before), calls(after));
}

function without(calls: readonly ServiceCall[], others: readonly ServiceCall[]): ServiceCall[] {
  return calls.filter((call) => !others.some((other) => isDeepStrictEqual(call, other)));
}

function itemsOf({ property }: Part, properties: Model): never[] {
  return [properties[property] ?? []].flat() as never[];
}

/** @throws ResourceFailure for a property that is missing, or that the local account does not support. */
function checkProperties(typeName: string, type: IamType, properties: Model): void {
  const { createOnly, required, others, ownParts = [], parts } = type;
  const missing = required.find((name) => properties[name] === undefined);
  if (missing !== undefined) {
    throw missingProperty(missing);
  }
  const inParts = [...ownParts, ...parts].map(({ property }) => property);
  const known = [...createOnly, ...required, ...others, ...inParts];
  const unknown = Object.keys(properties).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ResourceFailure(
      `The local account does not support ${unknown} of ${typeName}`,
      'InvalidRequest',
    );
  }
}
