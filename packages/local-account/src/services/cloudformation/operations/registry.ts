import { found, invalid } from '../../../gateway/errors';
import { jsonIn, optionalString, requiredString } from '../../../gateway/parameters';
import type { Parameters } from '../../../gateway/service';
import type { Model } from '../handlers/contract';
import { violations } from '../handlers/violations';
import type { RegionalOperation } from '../region';
import { refused, typeNotFound } from '../registry/refusals';
import type { Registry, TypeVersion } from '../registry/registry';

/** The registry of private resource types (API reference). */
export const registryOperations: Readonly<Record<string, RegionalOperation>> = {
  async RegisterType({ registry, permissions }, { parameters, caller }) {
    const content = await permissions.packageFor(caller, parameters);
    return { RegistrationToken: registry.register(parameters, content).token };
  },
  async DescribeTypeRegistration(cloudFormation, { parameters }) {
    const wanted = requiredString(parameters, 'RegistrationToken');
    const registration = found(
      cloudFormation.registry.registrations.find(({ token }) => token === wanted),
      refused('No registration token matches the identifier provided.'),
    );
    await cloudFormation.waitFor(registration.ended);
    const { status, description, version } = registration;
    return {
      ProgressStatus: status,
      Description: description,
      TypeArn: version?.typeArn,
      TypeVersionArn: version?.arn,
    };
  },
  ListTypeRegistrations({ registry }, { parameters }) {
    const name = requiredString(parameters, 'TypeName');
    // The default of the API reference (recorded: localstack, test_crud_extension).
    const wanted = optionalString(parameters, 'RegistrationStatusFilter') ?? 'IN_PROGRESS';
    const registrations = registry.registrations.filter(
      ({ typeName, status }) => typeName === name && status === wanted,
    );
    return { RegistrationTokenList: registrations.map(({ token }) => token) };
  },
  SetTypeDefaultVersion({ registry }, { parameters }) {
    registry.setDefault(versionNamed(registry, parameters));
    return {};
  },
  /** The configuration is checked as a resource is, by a schema of the type's (API reference, SetTypeConfiguration). */
  SetTypeConfiguration({ registry }, { parameters }) {
    const { TypeArn, ConfigurationAlias = 'default' } = parameters;
    const named = TypeArn === undefined ? parameters : { Arn: TypeArn };
    const { typeName, typeArn, schema } = versionNamed(registry, named);
    if (ConfigurationAlias !== 'default') {
      throw invalid('The local account knows no other configuration than the default one');
    }
    const configuration = jsonIn(parameters, 'Configuration') as Model;
    const wrong = violations(schema.typeConfiguration ?? {}, configuration, 'request');
    if (wrong.length > 0) {
      throw refused(wrong.map(({ message }) => message).join(', '));
    }
    registry.configurations.set(typeName, configuration);
    return { ConfigurationArn: `${typeArn.replace(':type/', ':type-configuration/')}/default` };
  },
  DescribeType({ registry }, { parameters }) {
    const version = versionNamed(registry, parameters, true);
    const { schema, logging } = version;
    return {
      ...summary(version),
      DefaultVersionId: registry.version(version.typeName)?.versionId,
      Schema: JSON.stringify(schema),
      ProvisioningType: 'FULLY_MUTABLE',
      DeprecatedStatus: version.isDeprecated ? 'DEPRECATED' : 'LIVE',
      Visibility: 'PRIVATE',
      ExecutionRoleArn: version.executionRoleArn,
      LoggingConfig: logging && { LogRoleArn: logging.roleArn, LogGroupName: logging.groupName },
    };
  },
  ListTypes({ registry }, { parameters }) {
    const isPrivate = (optionalString(parameters, 'Visibility') ?? 'PRIVATE') === 'PRIVATE';
    const { TypeNamePrefix = '' } = (parameters.Filters ?? {}) as { TypeNamePrefix?: string };
    const wanted = registry
      .versions()
      .filter((it) => isPrivate && it.isDefault && it.typeName.startsWith(TypeNamePrefix));
    return {
      TypeSummaries: wanted.map((it) => ({
        ...summary(it),
        DefaultVersionId: it.versionId,
        TypeArn: it.typeArn,
      })),
    };
  },
  ListTypeVersions({ registry }, { parameters }) {
    const typeName = optionalString(parameters, 'TypeName') ?? versionNamed(registry, parameters).typeName;
    const versions = registry.versions(typeName);
    return { TypeVersionSummaries: versions.map((it) => ({ ...summary(it), VersionId: it.versionId })) };
  },
  DeregisterType({ registry }, { parameters }) {
    const arn = optionalString(parameters, 'Arn');
    const versionId = optionalString(parameters, 'VersionId');
    const [, name = ''] = /:type\/resource\/([^/]+)/.exec(arn ?? '') ?? [];
    if (arn !== undefined && registry.versions(name.replaceAll('-', '::')).length === 0) {
      // Recorded: localstack, test_extension_versioning.
      throw refused('TypeName is invalid');
    }
    const version = versionNamed(registry, parameters);
    const isVersion = versionId !== undefined || arn === version.arn;
    registry.deregister(version, isVersion ? 'version' : 'type');
    return {};
  },
};

/** The members of every answer about a version; clients ignore members that an answer does not have. */
function summary({ arn, typeName, schema, time, isDefault }: TypeVersion) {
  return {
    Type: 'RESOURCE',
    TypeName: typeName,
    Arn: arn,
    IsDefaultVersion: isDefault,
    Description: schema.description,
    TimeCreated: time,
    LastUpdated: time,
  };
}

/**
 * A version by ARN, or by type name and version ID; without a version, the default one.
 *
 * @param isForReading Whether a type or a version that is deregistered is found as well (API reference, DescribeType).
 */
function versionNamed(registry: Registry, parameters: Parameters, isForReading = false): TypeVersion {
  const arn = optionalString(parameters, 'Arn');
  const [, name] = /:type\/resource\/([^/]+)$/.exec(arn ?? '') ?? [];
  const isVersion = arn !== undefined && name === undefined;
  const wanted = isVersion ? arn : (name?.replaceAll('-', '::') ?? requiredString(parameters, 'TypeName'));
  const versionId = optionalString(parameters, 'VersionId');
  const live = isVersion ? registry.byArn(wanted) : registry.version(wanted, versionId);
  const version = live ?? (isForReading ? registry.deregistered(wanted, versionId) : undefined);
  return found(version, typeNotFound(wanted));
}
