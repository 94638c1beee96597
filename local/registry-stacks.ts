import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { LocalAccount } from './account';
import { ApiError } from './errors';
import type { Model } from './handler-protocol';
import { uniqueId } from './ids';
import type { Registry } from './registry';
import type { Buckets } from './registry-s3';
import {
  type Existing,
  type Place,
  type Provider,
  ResourceFailure,
  roleProvider,
} from './resource-providers';
import { parseTemplate, type Template } from './template';

/** A stack as DescribeStacks knows it. */
export interface RegistryStack {
  readonly name: string;
  readonly id: string;
  status: string;
  reason?: string | undefined;
  outputs: Record<string, string>;
}

interface Held extends RegistryStack {
  readonly creationTime: Date;
  template: string;
  parameters: Record<string, string>;
  readonly resources: Map<string, Existing & { type: string }>;
}

/**
 * The stacks that registering takes: that of the bucket which `cfn submit` uploads to, and those that register a
 * type. Operations end before they answer, as the SDK's waiters ask at once and then every few seconds.
 */
export class RegistryStacks {
  #stacks = new Map<string, Held>();
  #providers: ReadonlyMap<string, Provider>;

  constructor(
    private readonly account: LocalAccount,
    private readonly region: string,
    registry: Registry,
    buckets: Buckets,
  ) {
    this.#providers = new Map([
      ['AWS::IAM::Role', roleProvider(account)],
      ['AWS::S3::Bucket', bucketProvider(buckets)],
      ['AWS::S3::BucketPolicy', nothing],
      ['AWS::KMS::Key', nothing],
      ['AWS::CloudFormation::WaitConditionHandle', nothing],
      ['AWS::CloudFormation::ResourceVersion', versionProvider(registry, region)],
      ['AWS::CloudFormation::ResourceDefaultVersion', defaultVersionProvider(registry)],
    ]);
  }

  /** By name or ID. @throws ApiError ValidationError */
  get(name: string): RegistryStack & { creationTime: Date } {
    const stack = [...this.#stacks.values()].find((it) => it.name === name || it.id === name);
    if (stack) return stack;
    throw new ApiError('ValidationError', `Stack with id ${name} does not exist`);
  }

  /** @throws ApiError AlreadyExistsException, InsufficientCapabilitiesException, ValidationError */
  async create(
    name: string,
    text: string,
    parameters: Record<string, string>,
    capabilities: readonly string[],
  ): Promise<RegistryStack> {
    if (this.#stacks.has(name))
      throw new ApiError('AlreadyExistsException', `Stack [${name}] already exists`);
    const { accountId, partition } = this.account;
    const id = `arn:${partition}:cloudformation:${this.region}:${accountId}:stack/${name}/${randomUUID()}`;
    const stack: Held = {
      name,
      id,
      status: '',
      outputs: {},
      creationTime: new Date(),
      template: '',
      parameters,
      resources: new Map(),
    };
    const template = this.#parse(stack, text, parameters, capabilities);
    this.#stacks.set(name, stack);
    return this.#apply(stack, template, 'CREATE', { text, parameters });
  }

  /** @throws ApiError ValidationError, also where nothing is to be changed. */
  async update(
    name: string,
    text: string,
    parameters: Record<string, string>,
    capabilities: readonly string[],
  ): Promise<RegistryStack> {
    const stack = this.#stacks.get(this.get(name).name) as Held;
    if (stack.template === text && isDeepStrictEqual(stack.parameters, parameters)) {
      throw new ApiError('ValidationError', 'No updates are to be performed.');
    }
    const template = this.#parse(stack, text, parameters, capabilities);
    return this.#apply(stack, template, 'UPDATE', { text, parameters });
  }

  #parse(
    stack: Held,
    text: string,
    parameters: Record<string, string>,
    capabilities: readonly string[],
  ): Template {
    const { accountId, partition } = this.account;
    const template = this.#template(text, {
      parameters,
      accountId,
      partition,
      region: this.region,
      stackName: stack.name,
      stackId: stack.id,
    });
    const unknown = template.resources.find(({ type }) => !this.#providers.has(type));
    if (unknown) {
      throw new ApiError(
        'ValidationError',
        `Template format error: Unrecognized resource types: [${unknown.type}]`,
      );
    }
    const needsCapability = template.resources.some(({ type }) => type === 'AWS::IAM::Role');
    if (needsCapability && !capabilities.some((it) => /^CAPABILITY_(NAMED_)?IAM$/.test(it))) {
      throw new ApiError('InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_IAM]');
    }
    return template;
  }

  #template(...given: Parameters<typeof parseTemplate>): Template {
    try {
      return parseTemplate(...given);
    } catch (error) {
      throw new ApiError('ValidationError', `Template error: ${String(error)}`);
    }
  }

  async #apply(
    stack: Held,
    template: Template,
    operation: 'CREATE' | 'UPDATE',
    { text, parameters }: { text: string; parameters: Record<string, string> },
  ): Promise<RegistryStack> {
    const find = (logicalId: string) => {
      const resource = stack.resources.get(logicalId);
      if (resource) return resource;
      throw new Error(`There is no resource ${logicalId}`);
    };
    const references = {
      ref: (logicalId: string) => find(logicalId).physicalId,
      getAtt: (logicalId: string, attribute: string) => find(logicalId).attributes[attribute],
    };
    const replaced: (() => Promise<void>)[] = [];
    try {
      for (const { logicalId, type, properties: declared } of template.resources) {
        const provider = this.#providers.get(type) as Provider;
        const properties = template.resolve(declared, references) as Model;
        const place = { stackName: stack.name, stackId: stack.id, logicalId };
        const current = stack.resources.get(logicalId);
        if (current && isDeepStrictEqual(current.properties, properties)) continue;
        const keep = current && !provider.replaces(current, properties);
        const resource = keep
          ? await provider.update(current, properties, place)
          : await provider.create(properties, place);
        if (current && !keep) replaced.push(() => provider.delete(current, place));
        stack.resources.set(logicalId, { ...resource, type });
      }
    } catch (error) {
      if (!(error instanceof ResourceFailure)) throw error;
      // A rollback would take back what was done; nobody here needs that yet.
      stack.reason = error.message;
      stack.status = `${operation}_FAILED`;
      return stack;
    }
    for (const remove of replaced) await remove();
    stack.template = text;
    stack.parameters = parameters;
    stack.outputs = Object.fromEntries(
      Object.entries(template.outputs).map(([name, value]) => [
        name,
        String(template.resolve(value, references)),
      ]),
    );
    stack.reason = undefined;
    stack.status = `${operation}_COMPLETE`;
    return stack;
  }
}

/** Resources that matter to nobody here but for their being there. */
const nothing: Provider = {
  create: async (properties, place) => ({ physicalId: generatedName(place), attributes: {}, properties }),
  update: async (current, properties) => ({ ...current, properties }),
  delete: async () => {},
  replaces: () => false,
};

function bucketProvider(buckets: Buckets): Provider {
  return {
    ...nothing,
    async create(properties, place) {
      const bucket = generatedName(place);
      buckets.create(bucket);
      return { physicalId: bucket, attributes: { Arn: `arn:aws:s3:::${bucket}` }, properties };
    },
    async delete({ physicalId }) {
      buckets.delete(physicalId);
    },
  };
}

/** `AWS::CloudFormation::ResourceVersion`: every property is create-only (template reference). */
function versionProvider(registry: Registry, region: string): Provider {
  return {
    ...nothing,
    replaces: () => true,
    async create(properties) {
      const { TypeName, SchemaHandlerPackage, ExecutionRoleArn, LoggingConfig } = properties;
      const logging = LoggingConfig as { LogGroupName: string; LogRoleArn: string } | undefined;
      const token = failing(() =>
        registry.register(region, {
          typeName: String(TypeName),
          schemaHandlerPackage: String(SchemaHandlerPackage),
          executionRoleArn: ExecutionRoleArn === undefined ? undefined : String(ExecutionRoleArn),
          logging: logging && { groupName: logging.LogGroupName, roleArn: logging.LogRoleArn },
        }),
      );
      const { ProgressStatus, Description, TypeArn, TypeVersionArn } = await registry.registration(token);
      if (ProgressStatus === 'FAILED') throw new ResourceFailure(Description, 'GeneralServiceException');
      const { versionId } = registry.byArn(TypeVersionArn);
      const attributes = { Arn: TypeVersionArn, TypeArn, VersionId: versionId };
      return { physicalId: TypeVersionArn, attributes, properties };
    },
    async delete({ physicalId }) {
      failing(() => registry.deregister(physicalId));
    },
  };
}

/** `AWS::CloudFormation::ResourceDefaultVersion`. */
function defaultVersionProvider(registry: Registry): Provider {
  const set = (properties: Model): Existing => {
    const arn = String(properties.TypeVersionArn);
    failing(() => registry.setDefault(arn));
    const { typeArn } = registry.byArn(arn);
    return { physicalId: typeArn, attributes: { Arn: typeArn }, properties };
  };
  return {
    ...nothing,
    create: async (properties) => set(properties),
    update: async (_current, properties) => set(properties),
  };
}

/** What the API refuses is a resource that failed. */
function failing<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ResourceFailure(`${error.message} (Service: CloudFormation, ${error.code})`, 'InvalidRequest');
  }
}

/** Bucket names take lower case only. */
function generatedName({ stackName, logicalId }: Place): string {
  return `${`${stackName}-${logicalId}`.slice(0, 48)}-${uniqueId('', 12)}`.toLowerCase();
}
