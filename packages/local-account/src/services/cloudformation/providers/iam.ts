import { isDeepStrictEqual } from 'node:util';
import type { AccountWith, Output, Parameters } from '../../../gateway/service';
import { iam } from '../../iam/service';
import type { Model } from '../handlers/contract';
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

/** What IAM adds to a resource and removes from it one by one, such as a role's policies. */
interface Part {
  /** The property with the items, or with a single one. */
  readonly property: string;
  readonly add: string;
  readonly remove: string;
  /** What the calls take of an item; the rest is the resource's ID and properties. */
  readonly parameters: (item: unknown) => Parameters;
}

/** One of the values of a part's property. */
interface Item {
  readonly part: Part;
  readonly value: unknown;
  readonly parameters: Parameters;
}

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
  readonly settings?: (properties: Model) => ServiceCall[];
  readonly required: readonly string[];
  /** Other properties that are supported, except the parts. */
  readonly others?: readonly string[];
  /** Those that are created and deleted with the resource. */
  readonly ownParts?: readonly Part[];
  readonly parts: readonly Part[];
}

const named = (parameter: string) => (item: unknown) => ({ [parameter]: item });
const ATTACHED = { add: 'AttachRolePolicy', remove: 'DetachRolePolicy' };
const INLINE = { add: 'PutRolePolicy', remove: 'DeleteRolePolicy' };
const TAGGED = { add: 'TagRole', remove: 'UntagRole' };
const BOUNDED = { add: 'PutRolePermissionsBoundary', remove: 'DeleteRolePermissionsBoundary' };
const IN_PROFILE = { add: 'AddRoleToInstanceProfile', remove: 'RemoveRoleFromInstanceProfile' };

const ROLE: IamType = {
  entity: { noun: 'Role', id: 'RoleName', attributes: ({ Arn, RoleId }) => ({ Arn, RoleId }) },
  createOnly: ['RoleName', 'Path'],
  settings: ({ AssumeRolePolicyDocument, Description = '', MaxSessionDuration = 3600 }) => [
    ['UpdateAssumeRolePolicy', { PolicyDocument: AssumeRolePolicyDocument }],
    ['UpdateRole', { Description, MaxSessionDuration }],
  ],
  required: ['AssumeRolePolicyDocument'],
  others: ['Description', 'MaxSessionDuration'],
  ownParts: [
    { property: 'Tags', ...TAGGED, parameters: (tag) => ({ Tags: [tag], TagKeys: [(tag as Model).Key] }) },
    { property: 'PermissionsBoundary', ...BOUNDED, parameters: named('PermissionsBoundary') },
  ],
  parts: [
    { property: 'ManagedPolicyArns', ...ATTACHED, parameters: named('PolicyArn') },
    { property: 'Policies', ...INLINE, parameters: (policy) => policy as Model },
  ],
};

const INSTANCE_PROFILE: IamType = {
  entity: { noun: 'InstanceProfile', id: 'InstanceProfileName', attributes: ({ Arn }) => ({ Arn }) },
  createOnly: ['InstanceProfileName', 'Path'],
  required: ['Roles'],
  parts: [{ property: 'Roles', ...IN_PROFILE, parameters: named('RoleName') }],
};

const MANAGED_POLICY: IamType = {
  entity: { noun: 'Policy', id: 'PolicyArn', attributes: ({ Arn }) => ({ PolicyArn: Arn }) },
  createOnly: ['ManagedPolicyName', 'Path', 'Description'],
  settings: ({ PolicyDocument }) => [['CreatePolicyVersion', { PolicyDocument, SetAsDefault: true }]],
  required: ['PolicyDocument'],
  parts: [{ property: 'Roles', ...ATTACHED, parameters: named('RoleName') }],
};

/** Policies within roles. */
const POLICY: IamType = {
  createOnly: ['PolicyName'],
  required: ['PolicyName', 'PolicyDocument'],
  parts: [{ property: 'Roles', ...INLINE, parameters: named('RoleName') }],
};

/** The IAM types of templates, by name, through IAM's API. */
export function iamProviders(account: AccountWith): ReadonlyMap<string, Provider> {
  const types: Record<string, IamType> = {
    'AWS::IAM::Role': ROLE,
    'AWS::IAM::InstanceProfile': INSTANCE_PROFILE,
    'AWS::IAM::ManagedPolicy': MANAGED_POLICY,
    'AWS::IAM::Policy': POLICY,
  };
  return new Map(Object.entries(types).map(([name, type]) => [name, new IamProvider(account, name, type)]));
}

class IamProvider implements Provider {
  readonly createOnly: readonly string[];
  readonly identifiers: readonly string[] | undefined;

  constructor(
    private readonly account: AccountWith,
    private readonly typeName: string,
    private readonly type: IamType,
  ) {
    this.createOnly = type.createOnly;
    this.identifiers = type.entity && [type.entity.id];
  }

  async create(properties: Model, task: Task): Promise<Existing> {
    this.#check(properties);
    const made = await this.#createEntity(properties, task);
    this.#checkHolders({ ...made, properties });
    const added: Item[] = [];
    for (const item of itemsOf(this.type.parts, properties)) {
      const call = this.#call(item.part.add, made.physicalId, properties, item.parameters);
      const failure = await failureOf(this.#perform(task, call));
      if (failure) {
        const leftBehind = this.#leftBehind({ ...made, properties }, added);
        throw new ResourceFailure(failure.message, failure.errorCode, leftBehind);
      }
      added.push(item);
    }
    return { ...made, properties };
  }

  async update(current: Existing, properties: Model, task: Task): Promise<Existing> {
    this.#check(properties);
    const { ownParts = [], parts } = this.type;
    const before = this.#calls([...ownParts, ...parts], current);
    const after = this.#calls([...ownParts, ...parts], { ...current, properties });
    for (const call of without(before.remove, after.remove)) {
      await ifExists(this.#perform(task, call));
    }
    for (const call of without(after.set, before.set)) {
      await this.#perform(task, call);
    }
    return { ...current, properties };
  }

  async delete(current: Existing, task: Task): Promise<void> {
    this.#checkHolders(current);
    const { entity, parts } = this.type;
    const own: ServiceCall[] = entity ? [[`Delete${entity.noun}`, { [entity.id]: current.physicalId }]] : [];
    for (const call of [...this.#calls(parts, current).remove, ...own]) {
      await ifExists(this.#perform(task, call));
    }
  }

  async #createEntity(properties: Model, task: Task): Promise<Omit<Existing, 'properties'>> {
    const { entity, createOnly } = this.type;
    if (!entity) {
      return { physicalId: generatedName(task), attributes: {} };
    }
    const { noun, id, attributes } = entity;
    const name = properties[createOnly[0]] ?? generatedName(task);
    const answer = await this.#perform(task, [`Create${noun}`, { ...properties, [`${noun}Name`]: name }]);
    const made = answer[noun] as Made;
    return { physicalId: made[id] ?? made.Arn, attributes: attributes(made) };
  }

  /** What exists of a resource that could not be created: with those parts that were added. */
  #leftBehind(made: Existing, added: readonly Item[]): Existing | undefined {
    const { entity, parts } = this.type;
    const valuesOf = (part: Part) => added.filter((item) => item.part === part).map(({ value }) => value);
    const lists = Object.fromEntries(parts.map((part) => [part.property, valuesOf(part)]));
    const isAnything = entity !== undefined || added.length > 0;
    return isAnything ? { ...made, properties: { ...made.properties, ...lists } } : undefined;
  }

  /** The calls that make a resource what it is, settings first, and those that remove its parts. */
  #calls(parts: readonly Part[], { physicalId, properties }: Existing) {
    const { settings = () => [] } = this.type;
    const items = itemsOf(parts, properties);
    const call = (operation: string, parameters: Parameters) =>
      this.#call(operation, physicalId, properties, parameters);
    return {
      set: [
        ...settings(properties).map(([operation, parameters]) => call(operation, parameters)),
        ...items.map(({ part, parameters }) => call(part.add, parameters)),
      ],
      remove: items.map(({ part, parameters }) => call(part.remove, parameters)),
    };
  }

  /** A call with those parameters that the operation has in IAM's model. */
  #call(operation: string, physicalId: string, properties: Model, others: Parameters): ServiceCall {
    const id = this.type.entity?.id;
    const all: Parameters = { ...properties, ...(id && { [id]: physicalId }), ...others };
    const names = Object.keys(iam.model.operations[operation] ?? {}).filter((name) => name in all);
    return [operation, Object.fromEntries(names.map((name) => [name, all[name]]))];
  }

  #perform(task: Task, call: ServiceCall): Promise<NonNullable<Output>> {
    return callAs(this.account, iam, task, call);
  }

  /**
   * A policy that is only a part of roles needs one, also to be deleted (recorded: localstack,
   * test_blocked_stack_deletion; the words are not).
   */
  #checkHolders(existing: Existing): void {
    const { entity, parts } = this.type;
    if (!entity && itemsOf(parts, existing.properties).length === 0) {
      const message = 'At least one of [Groups,Roles,Users] must be non-empty.';
      throw new ResourceFailure(message, 'InvalidRequest', existing);
    }
  }

  /** @throws ResourceFailure for a property that is missing, or that the local account does not support. */
  #check(properties: Model): void {
    const { createOnly, required, others = [], ownParts = [], parts } = this.type;
    const missing = required.find((name) => properties[name] === undefined);
    if (missing !== undefined) {
      throw missingProperty(missing);
    }
    const inParts = [...ownParts, ...parts].map(({ property }) => property);
    const known = [...createOnly, ...required, ...others, ...inParts];
    const unknown = Object.keys(properties).find((name) => !known.includes(name));
    if (unknown !== undefined) {
      const message = `The local account does not support ${unknown} of ${this.typeName}`;
      throw new ResourceFailure(message, 'InvalidRequest');
    }
  }
}

function without(calls: readonly ServiceCall[], others: readonly ServiceCall[]): ServiceCall[] {
  return calls.filter((call) => !others.some((other) => isDeepStrictEqual(call, other)));
}

function itemsOf(parts: readonly Part[], properties: Model): Item[] {
  return parts.flatMap((part) => {
    const values = [properties[part.property] ?? []].flat();
    return values.map((value) => ({ part, value, parameters: part.parameters(value) }));
  });
}
