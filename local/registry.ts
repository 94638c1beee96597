import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError } from './errors';
import { PackageRefused, type TypePackage, unpack } from './registry-package';
import type { Buckets } from './registry-s3';

/** What a type is registered with. */
export interface Registration {
  readonly typeName: string;
  /** `s3://bucket/key`. */
  readonly schemaHandlerPackage: string;
  readonly executionRoleArn?: string | undefined;
  readonly logging?: { groupName: string; roleArn: string } | undefined;
  readonly clientRequestToken?: string | undefined;
}

/** A version of a type that was registered. */
export interface TypeVersion extends Registration {
  /** `arn:…:type/resource/Acme-Ecs-RoleTrunking/00000001`. */
  readonly arn: string;
  readonly typeArn: string;
  readonly versionId: string;
  readonly package: TypePackage;
}

/** How a registration stands, in the members of DescribeTypeRegistration. */
export interface RegistrationProgress {
  readonly ProgressStatus: 'COMPLETE' | 'FAILED';
  readonly Description: string;
  readonly TypeArn: string;
  readonly TypeVersionArn: string;
}

interface RegisteredType {
  readonly versions: TypeVersion[];
  /** Versions so far: numbers are not given again. */
  count: number;
  defaultArn?: string;
}

/** CloudFormation API reference, RegisterType, `TypeName`; the CloudFormation CLI user guide adds ASK. */
const RESERVED = ['alexa', 'amzn', 'amazon', 'ask', 'aws', 'custom', 'dev'];
const TYPE_NAME = /^[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}$/;

/** The private types of one account, by Region. */
export class Registry {
  #types = new Map<string, RegisteredType>();
  #registrations = new Map<string, Promise<RegistrationProgress>>();
  #tokens = new Map<string, string>();
  #workspace = mkdtempSync(join(tmpdir(), 'registry-'));

  /** @param python The Python interpreter that packages are unpacked with. */
  constructor(
    private readonly accountId: string,
    private readonly buckets: Buckets,
    private readonly python: string,
  ) {}

  /**
   * Begins a registration.
   *
   * @returns Its token.
   * @throws ApiError ValidationError or CFNRegistryException for what AWS refuses at once.
   */
  register(region: string, registration: Registration): string {
    const { typeName, schemaHandlerPackage, clientRequestToken } = registration;
    if (!TYPE_NAME.test(typeName)) {
      throw new ApiError('ValidationError', `Value '${typeName}' at 'typeName' failed to satisfy constraint`);
    }
    const namespace = typeName.slice(0, typeName.indexOf(':'));
    if (RESERVED.includes(namespace.toLowerCase())) {
      throw new ApiError('CFNRegistryException', `The namespace ${namespace} is reserved`);
    }
    const earlier = this.#tokens.get(clientRequestToken ?? '');
    if (earlier !== undefined) return earlier;
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(schemaHandlerPackage) ?? [];
    const content = this.buckets.find(bucket, key);
    if (!content) {
      throw new ApiError('CFNRegistryException', `There is no package at ${schemaHandlerPackage}`);
    }
    const token = randomUUID();
    if (clientRequestToken !== undefined) this.#tokens.set(clientRequestToken, token);
    const deployment = this.#deploy(region, registration, content, token);
    // Nobody may ever ask for it.
    deployment.catch(() => {});
    this.#registrations.set(token, deployment);
    return token;
  }

  /**
   * A registration's outcome. It is waited for: the SDK's waiter asks at once and then every 30 s.
   *
   * @throws ApiError CFNRegistryException where there is no such registration.
   */
  async registration(token: string): Promise<RegistrationProgress> {
    const progress = this.#registrations.get(token);
    if (progress) return progress;
    throw new ApiError('CFNRegistryException', `No registration token matches the identifier provided.`);
  }

  /** Versions of a type in the order of their registration. */
  versions(region: string, typeName: string): readonly TypeVersion[] {
    return this.#types.get(`${region} ${typeName}`)?.versions ?? [];
  }

  /** The version that templates get. */
  defaultVersion(region: string, typeName: string): TypeVersion | undefined {
    const type = this.#types.get(`${region} ${typeName}`);
    return type?.versions.find(({ arn }) => arn === type.defaultArn);
  }

  /** A version by its ARN. @throws ApiError TypeNotFoundException */
  byArn(arn: string): TypeVersion {
    return this.#owner(arn).version;
  }

  /** @throws ApiError TypeNotFoundException */
  setDefault(arn: string): void {
    this.#owner(arn).type.defaultArn = arn;
  }

  /**
   * Takes a version back.
   *
   * @throws ApiError TypeNotFoundException, CFNRegistryException for the default version while there are others.
   */
  deregister(arn: string): void {
    const { type, version } = this.#owner(arn);
    if (type.defaultArn === arn && type.versions.length > 1) {
      const { versionId, typeName } = version;
      // The wording of aws-quickstart/quickstart-amazon-eks issue 132.
      throw new ApiError(
        'CFNRegistryException',
        `Version '${versionId}' is the default version and cannot be deregistered. Deregister the resource type '${typeName}' instead.`,
      );
    }
    type.versions.splice(type.versions.indexOf(version), 1);
    if (type.versions.length === 0) {
      delete type.defaultArn;
    }
  }

  /** Removes what was unpacked. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#registrations.values());
    await rm(this.#workspace, { recursive: true, force: true });
  }

  async #deploy(
    region: string,
    registration: Registration,
    content: Buffer,
    token: string,
  ): Promise<RegistrationProgress> {
    const { typeName } = registration;
    const type: RegisteredType = this.#types.get(`${region} ${typeName}`) ?? { versions: [], count: 0 };
    this.#types.set(`${region} ${typeName}`, type);
    type.count += 1;
    const versionId = String(type.count).padStart(8, '0');
    const typeArn = `arn:aws:cloudformation:${region}:${this.accountId}:type/resource/${typeName.replaceAll('::', '-')}`;
    const arn = `${typeArn}/${versionId}`;
    try {
      const unpacked = await unpack(content, typeName, join(this.#workspace, token), this.python);
      type.versions.push({ ...registration, arn, typeArn, versionId, package: unpacked });
      type.defaultArn ??= arn;
      return progress(
        'COMPLETE',
        'Deployment is currently in DEPLOY_STAGE of status COMPLETED',
        typeArn,
        arn,
      );
    } catch (error) {
      if (!(error instanceof PackageRefused)) throw error;
      // The wording is that of aws-cloudformation/cloudformation-cli issue 875, for whatever Lambda refuses.
      const reason = error.opaque ? `[${token}] Internal Failure` : error.message;
      const description = `Deployment is currently in DEPLOY_STAGE of status FAILED\nDeployment failed with error. Error message: ${reason}`;
      return progress('FAILED', description, typeArn, arn);
    }
  }

  #owner(arn: string): { type: RegisteredType; version: TypeVersion } {
    for (const type of this.#types.values()) {
      const version = type.versions.find((candidate) => candidate.arn === arn);
      if (version) return { type, version };
    }
    throw new ApiError('TypeNotFoundException', `The type ${arn} does not exist`, 404);
  }
}

function progress(
  ProgressStatus: RegistrationProgress['ProgressStatus'],
  Description: string,
  TypeArn: string,
  TypeVersionArn: string,
): RegistrationProgress {
  return { ProgressStatus, Description, TypeArn, TypeVersionArn };
}
