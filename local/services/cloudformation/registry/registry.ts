import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError } from '../../../gateway/errors';
import type { RunnableType } from '../handlers/driver';
import { PackageRefused, type TypePackage, unpack } from './package';

/** What a type is registered with. */
export interface Registration {
  readonly typeName: string;
  /** `s3://bucket/key`. */
  readonly schemaHandlerPackage: string;
  readonly executionRoleArn?: string | undefined;
  readonly logging?: { groupName: string; roleArn: string } | undefined;
  readonly clientRequestToken?: string | undefined;
}

/** A version of a type that is registered. */
export interface TypeVersion extends Registration, RunnableType {
  readonly typeArn: string;
  readonly versionId: string;
  readonly package: TypePackage;
  readonly function: TypeFunction;
  readonly time: Date;
  isDeprecated: boolean;
}

/** A registration that was begun. */
interface RegistrationProgress {
  status: 'IN_PROGRESS' | 'COMPLETE' | 'FAILED';
  description: string;
  readonly typeArn: string;
  readonly arn: string;
  /** Resolves when the registration is complete or has failed. */
  readonly ended: Promise<void>;
}

/** The function that runs a version's handlers. */
export type TypeFunction = RunnableType['function'] & { close(): Promise<void> };

/** What a registry needs of its account and Region. */
interface RegistryOptions {
  readonly accountId: string;
  readonly partition: string;
  readonly region: string;
  /** An object in Amazon S3, if it is there. */
  object(bucket: string, key: string): Buffer | undefined;
  /** A function for a version's handlers. */
  functionFor(unpacked: TypePackage, name: string): TypeFunction;
}

interface RegisteredType {
  readonly versions: TypeVersion[];
  /** Versions so far: numbers are not given again. */
  count: number;
  defaultArn?: string | undefined;
}

/** CloudFormation API reference, RegisterType, `TypeName`; the CloudFormation CLI user guide adds ASK. */
const RESERVED = ['alexa', 'amzn', 'amazon', 'ask', 'aws', 'custom', 'dev'];
const TYPE_NAME = /^[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}$/;
const DEPLOY_STAGE = 'Deployment is currently in DEPLOY_STAGE of status';

/** The private types of one account and Region. */
export class Registry {
  readonly #types = new Map<string, RegisteredType>();
  readonly #registrations = new Map<string, RegistrationProgress & { typeName: string }>();
  readonly #tokens = new Map<string, string>();
  readonly #workspace = mkdtempSync(join(tmpdir(), 'registry-'));

  constructor(private readonly options: RegistryOptions) {}

  /**
   * Begins a registration.
   *
   * @returns Its token.
   * @throws ApiError ValidationError or CFNRegistryException for what AWS refuses at once.
   */
  register(registration: Registration): string {
    const { typeName, schemaHandlerPackage, clientRequestToken } = registration;
    if (!TYPE_NAME.test(typeName)) {
      throw new ApiError('ValidationError', `Value '${typeName}' at 'typeName' failed to satisfy constraint`);
    }
    const namespace = typeName.slice(0, typeName.indexOf(':'));
    if (RESERVED.includes(namespace.toLowerCase())) {
      throw new ApiError('CFNRegistryException', `The namespace ${namespace} is reserved`);
    }
    const earlier = this.#tokens.get(clientRequestToken ?? '');
    if (earlier !== undefined) {
      return earlier;
    }
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(schemaHandlerPackage) ?? [];
    const content = this.options.object(bucket, key);
    if (!content) {
      throw new ApiError('CFNRegistryException', `There is no package at ${schemaHandlerPackage}`);
    }
    const token = randomUUID();
    if (clientRequestToken !== undefined) {
      this.#tokens.set(clientRequestToken, token);
    }
    this.#begin(token, registration, content);
    return token;
  }

  /** A registration by its token. @throws ApiError CFNRegistryException */
  registration(token: string): RegistrationProgress {
    const progress = this.#registrations.get(token);
    if (progress) {
      return progress;
    }
    throw new ApiError('CFNRegistryException', 'No registration token matches the identifier provided.');
  }

  /** The tokens of a type's registrations. */
  tokens(typeName: string): string[] {
    return [...this.#registrations].filter(([, it]) => it.typeName === typeName).map(([token]) => token);
  }

  /** The names of the types that have a version which is not deregistered. */
  typeNames(): string[] {
    return [...this.#types.keys()].filter((typeName) => this.versions(typeName).length > 0);
  }

  /** The versions of a type that are not deregistered, in the order of their registration. */
  versions(typeName: string): readonly TypeVersion[] {
    return this.#types.get(typeName)?.versions.filter(({ isDeprecated }) => !isDeprecated) ?? [];
  }

  /** The version that templates get. */
  defaultVersion(typeName: string): TypeVersion | undefined {
    const type = this.#types.get(typeName);
    return this.versions(typeName).find(({ arn }) => arn === type?.defaultArn);
  }

  /** A version by its ARN, a deregistered one as well. @throws ApiError TypeNotFoundException */
  byArn(arn: string): TypeVersion {
    return this.#owner(arn).version;
  }

  /** @throws ApiError TypeNotFoundException */
  setDefault(arn: string): void {
    this.#owner(arn).type.defaultArn = arn;
  }

  /**
   * Deregisters a version; the only one takes the type with it.
   *
   * @throws ApiError TypeNotFoundException, CFNRegistryException for the default version while there are others.
   */
  deregister(arn: string): void {
    const { type, version } = this.#owner(arn);
    const { versionId, typeName } = version;
    if (type.defaultArn === arn && this.versions(typeName).length > 1) {
      // The wording of aws-quickstart/quickstart-amazon-eks issue 132.
      throw new ApiError(
        'CFNRegistryException',
        `Version '${versionId}' is the default version and cannot be deregistered. Deregister the resource type '${typeName}' instead.`,
      );
    }
    version.isDeprecated = true;
    if (this.versions(typeName).length === 0) {
      type.defaultArn = undefined;
    }
  }

  /** Ends the functions and removes what was unpacked. */
  async close(): Promise<void> {
    await Promise.all([...this.#registrations.values()].map(({ ended }) => ended));
    const versions = [...this.#types.values()].flatMap((type) => type.versions);
    await Promise.all(versions.map((version) => version.function.close()));
    await rm(this.#workspace, { recursive: true, force: true });
  }

  #begin(token: string, registration: Registration, content: Buffer): void {
    const { typeName } = registration;
    const { accountId, partition, region } = this.options;
    const type: RegisteredType = this.#types.get(typeName) ?? { versions: [], count: 0 };
    this.#types.set(typeName, type);
    type.count += 1;
    const versionId = String(type.count).padStart(8, '0');
    const name = typeName.replaceAll('::', '-');
    const typeArn = `arn:${partition}:cloudformation:${region}:${accountId}:type/resource/${name}`;
    const arn = `${typeArn}/${versionId}`;
    const unpacking = unpack(content, typeName, join(this.#workspace, `${name}-${versionId}`));
    const ended = unpacking.then(
      (unpacked) => {
        const version = {
          ...registration,
          arn,
          typeArn,
          versionId,
          schema: unpacked.schema,
          package: unpacked,
        };
        const run = this.options.functionFor(unpacked, `${name}-${versionId}`);
        type.versions.push({ ...version, function: run, time: new Date(), isDeprecated: false });
        type.defaultArn ??= arn;
        Object.assign(progress, { status: 'COMPLETE', description: `${DEPLOY_STAGE} COMPLETED` });
      },
      (error: unknown) => {
        // The wording is that of aws-cloudformation/cloudformation-cli issue 875, for whatever Lambda refuses.
        const isKnown = error instanceof PackageRefused && !error.opaque;
        const reason = isKnown ? error.message : `[${token}] Internal Failure`;
        const description = `${DEPLOY_STAGE} FAILED\nDeployment failed with error. Error message: ${reason}`;
        Object.assign(progress, { status: 'FAILED', description });
      },
    );
    const progress: RegistrationProgress & { typeName: string } = {
      typeName,
      status: 'IN_PROGRESS',
      description: `${DEPLOY_STAGE} IN_PROGRESS`,
      typeArn,
      arn,
      ended,
    };
    this.#registrations.set(token, progress);
  }

  #owner(arn: string): { type: RegisteredType; version: TypeVersion } {
    for (const type of this.#types.values()) {
      const version = type.versions.find((candidate) => candidate.arn === arn);
      if (version) {
        return { type, version };
      }
    }
    throw new ApiError('TypeNotFoundException', `The type ${arn} does not exist`, 404);
  }
}
