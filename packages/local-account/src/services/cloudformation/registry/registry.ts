import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError } from '../../../gateway/errors';
import { optionalString, requiredString } from '../../../gateway/parameters';
import type { Parameters } from '../../../gateway/service';
import { cloudFormationArn } from '../../../ids';
import type { LambdaFunction, LambdaOptions } from '../../lambda/function';
import type { Model } from '../handlers/contract';
import type { RunnableType } from '../handlers/driver';
import { unpack } from './package';
import { refused } from './refusals';

export interface TypeVersion extends RunnableType {
  readonly typeArn: string;
  readonly versionId: string;
  readonly function: LambdaFunction;
  readonly time: Date;
  /** Whether templates use it. */
  isDefault: boolean;
  isDeprecated: boolean;
}

export interface Registration {
  readonly token: string;
  readonly typeName: string;
  /** What the version's ARN is, or would have become. */
  readonly arn: string;
  status: 'IN_PROGRESS' | 'COMPLETE' | 'FAILED';
  description: string;
  version?: TypeVersion;
  /** Resolves when it is complete or has failed. */
  readonly ended: Promise<unknown>;
}

interface RegistryOptions {
  readonly accountId: string;
  readonly region: string;
  functionFor(code: Pick<LambdaOptions, 'packageDirectory' | 'handler' | 'functionName'>): LambdaFunction;
}

/** CloudFormation API reference, RegisterType, `TypeName`; the CloudFormation CLI user guide adds ASK. */
const RESERVED = ['alexa', 'amzn', 'amazon', 'ask', 'aws', 'custom', 'dev'];
const DEPLOY_STAGE = 'Deployment is currently in DEPLOY_STAGE of status';

/** The private types of one account and Region. */
export class Registry {
  /** In the order in which they began. */
  readonly registrations: Registration[] = [];
  /** What the account configures for all versions of a type, by type name. */
  readonly configurations = new Map<string, Model>();
  /** Where packages are unpacked to, once there is one. */
  #workspace: Promise<string> | undefined;

  constructor(private readonly options: RegistryOptions) {}

  /**
   * Begins a registration.
   *
   * @param parameters Those of RegisterType, as its model has them.
   * @param content The package that they name.
   * @throws ApiError ValidationError or CFNRegistryException for what AWS refuses at once.
   */
  register(parameters: Parameters, content: Buffer): Registration {
    const typeName = requiredString(parameters, 'TypeName');
    const logging = parameters.LoggingConfig as Parameters | undefined;
    const [namespace = ''] = typeName.split('::');
    if (RESERVED.includes(namespace.toLowerCase())) {
      throw refused(`The namespace ${namespace} is reserved`);
    }
    const earlier = this.registrations.filter((it) => it.typeName === typeName);
    const versionId = String(earlier.length + 1).padStart(8, '0');
    const typeArn = cloudFormationArn(this.options, `type/resource/${typeName.replaceAll('::', '-')}`);
    const input = {
      typeName,
      typeArn,
      versionId,
      arn: `${typeArn}/${versionId}`,
      executionRoleArn: optionalString(parameters, 'ExecutionRoleArn'),
      logging: logging && { groupName: String(logging.LogGroupName), roleArn: String(logging.LogRoleArn) },
    };
    const registration: Registration = {
      token: randomUUID(),
      typeName,
      arn: input.arn,
      status: 'IN_PROGRESS',
      description: `${DEPLOY_STAGE} IN_PROGRESS`,
      ended: this.#deploy(input, content).then(
        (version) => {
          const description = `${DEPLOY_STAGE} COMPLETED`;
          Object.assign(registration, { version, status: 'COMPLETE', description });
        },
        (error: unknown) => {
          // The wording is that of aws-cloudformation/cloudformation-cli issue 875, for whatever Lambda refuses.
          const internal = `[${registration.token}] Internal Failure`;
          const reason = error instanceof ApiError ? error.message : internal;
          const description = `${DEPLOY_STAGE} FAILED\nDeployment failed with error. Error message: ${reason}`;
          Object.assign(registration, { status: 'FAILED', description });
        },
      ),
    };
    this.registrations.push(registration);
    return registration;
  }

  /** The versions of one type or of all types that are not deregistered, in the order of their registration. */
  versions(typeName?: string): TypeVersion[] {
    return this.#all().filter((it) => !it.isDeprecated && it.typeName === (typeName ?? it.typeName));
  }

  /** The version of a type that templates use, or the version with this ID. */
  version(typeName: string, versionId?: string): TypeVersion | undefined {
    return this.versions(typeName).find((it) =>
      versionId === undefined ? it.isDefault : it.versionId === versionId,
    );
  }

  /** A version by its ARN, unless it is deregistered. */
  byArn(arn: string): TypeVersion | undefined {
    return this.versions().find((it) => it.arn === arn);
  }

  /** The deregistered version with this ARN, or with this ID of the type with this name; without an ID, the last one. */
  deregistered(arnOrTypeName: string, versionId?: string): TypeVersion | undefined {
    const named = this.#all().filter((it) => [it.arn, it.typeName].includes(arnOrTypeName));
    return named.findLast((it) => it.isDeprecated && it.versionId === (versionId ?? it.versionId));
  }

  setDefault(version: TypeVersion): void {
    for (const it of this.versions(version.typeName)) {
      it.isDefault = it === version;
    }
  }

  /**
   * Deregisters a version, or a type by its default version.
   *
   * @throws ApiError CFNRegistryException for a default version, and for a type that has other versions (recorded:
   * localstack, test_extension_versioning).
   */
  deregister(version: TypeVersion, what: 'version' | 'type'): void {
    const { typeName, versionId } = version;
    if (what === 'version' && version.isDefault) {
      throw refused(
        `Version '${versionId}' is the default version and cannot be deregistered. Deregister the resource type '${typeName}' instead.`,
      );
    }
    if (what === 'type' && this.versions(typeName).length > 1) {
      throw refused(
        'This type has more than one active version. Please deregister non-default active versions before attempting to deregister the type.',
      );
    }
    Object.assign(version, { isDefault: false, isDeprecated: true });
  }

  /** Ends the functions and removes what was unpacked. */
  async close(): Promise<void> {
    await Promise.all(this.registrations.map(({ ended }) => ended));
    await Promise.all(this.#all().map((version) => version.function.close()));
    if (this.#workspace) {
      await rm(await this.#workspace, { recursive: true, force: true });
    }
  }

  #all(): TypeVersion[] {
    return this.registrations.flatMap(({ version }) => version ?? []);
  }

  async #deploy(
    input: Pick<TypeVersion, 'typeName' | 'typeArn' | 'versionId' | 'arn' | 'executionRoleArn' | 'logging'>,
    content: Buffer,
  ) {
    const { typeName, versionId } = input;
    const functionName = `${typeName.replaceAll('::', '-')}-${versionId}`;
    const { configurations } = this;
    this.#workspace ??= mkdtemp(join(tmpdir(), 'registry-'));
    const packageDirectory = join(await this.#workspace, functionName);
    const { schema, entrypoint } = await unpack(content, typeName, packageDirectory);
    return {
      ...input,
      schema,
      function: this.options.functionFor({ packageDirectory, handler: entrypoint, functionName }),
      time: new Date(),
      get typeConfiguration() {
        return configurations.get(typeName);
      },
      isDefault: !this.version(typeName),
      isDeprecated: false,
    };
  }
}
