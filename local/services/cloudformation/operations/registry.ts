import { ApiError } from '../../../gateway/errors';
import { optionalString, requiredString } from '../../../gateway/parameters';
import type { Output, Parameters } from '../../../gateway/service';
import type { RegionOperation } from '../region';
import type { Registry, TypeVersion } from '../registry/registry';

/** The registry of private resource types (API reference). */
export const registryOperations: Readonly<Record<string, RegionOperation>> = {
  RegisterType({ registry }, { parameters }) {
    resourcesOnly(parameters);
    const logging = parameters.LoggingConfig as Parameters | undefined;
    const token = registry.register({
      typeName: requiredString(parameters, 'TypeName'),
      schemaHandlerPackage: requiredString(parameters, 'SchemaHandlerPackage'),
      executionRoleArn: optionalString(parameters, 'ExecutionRoleArn'),
      clientRequestToken: optionalString(parameters, 'ClientRequestToken'),
      logging: logging && {
        groupName: requiredString(logging, 'LogGroupName'),
        roleArn: requiredString(logging, 'LogRoleArn'),
      },
    });
    return { RegistrationToken: token };
  },
  async DescribeTypeRegistration(region, { parameters }) {
    const progress = region.registry.registration(requiredString(parameters, 'RegistrationToken'));
    await region.settle(progress.ended);
    const { status, description, typeArn, arn } = progress;
    return {
      ProgressStatus: status,
      Description: description,
      ...(status === 'COMPLETE' ? { TypeArn: typeArn, TypeVersionArn: arn } : {}),
    };
  },
  ListTypeRegistrations({ registry }, { parameters }) {
    const typeName = requiredString(parameters, 'TypeName');
    const wanted = optionalString(parameters, 'RegistrationStatusFilter');
    const tokens = registry
      .tokens(typeName)
      .filter((token) => wanted === undefined || registry.registration(token).status === wanted);
    return { RegistrationTokenList: tokens };
  },
  SetTypeDefaultVersion({ registry }, { parameters }) {
    registry.setDefault(versionNamed(registry, parameters).arn);
    return {};
  },
  DescribeType({ registry }, { parameters }) {
    const version = versionNamed(registry, parameters);
    return describeVersion(version, registry.defaultVersion(version.typeName));
  },
  ListTypes({ registry }, { parameters }) {
    const { TypeNamePrefix = '' } = (parameters.Filters ?? {}) as { TypeNamePrefix?: string };
    const isPrivate = (optionalString(parameters, 'Visibility') ?? 'PRIVATE') === 'PRIVATE';
    const isLive = (optionalString(parameters, 'DeprecatedStatus') ?? 'LIVE') === 'LIVE';
    const names = registry
      .typeNames()
      .filter((name) => isPrivate && isLive && name.startsWith(TypeNamePrefix));
    return {
      TypeSummaries: names.map((TypeName) => {
        const version = registry.defaultVersion(TypeName);
        return {
          Type: 'RESOURCE',
          TypeName,
          DefaultVersionId: version?.versionId,
          TypeArn: version?.typeArn,
          LastUpdated: version?.time,
          Description: version?.schema.description,
        };
      }),
    };
  },
  ListTypeVersions({ registry }, { parameters }) {
    const typeName = optionalString(parameters, 'TypeName') ?? versionNamed(registry, parameters).typeName;
    const defaultArn = registry.defaultVersion(typeName)?.arn;
    return {
      TypeVersionSummaries: registry.versions(typeName).map(({ arn, versionId, time }) => ({
        Type: 'RESOURCE',
        TypeName: typeName,
        VersionId: versionId,
        IsDefaultVersion: arn === defaultArn,
        Arn: arn,
        TimeCreated: time,
      })),
    };
  },
  DeregisterType({ registry }, { parameters }) {
    registry.deregister(versionNamed(registry, parameters).arn);
    return {};
  },
};

function resourcesOnly(parameters: Parameters): void {
  const type = optionalString(parameters, 'Type') ?? 'RESOURCE';
  if (type !== 'RESOURCE') {
    throw new ApiError('ValidationError', `The local registry has no ${type} types`);
  }
}

/**
 * A version by ARN, or by type name and version ID; without a version, the default one.
 *
 * @throws ApiError TypeNotFoundException
 */
function versionNamed(registry: Registry, parameters: Parameters): TypeVersion {
  resourcesOnly(parameters);
  const arn = optionalString(parameters, 'Arn');
  const [, name] = /:type\/resource\/([^/]+)$/.exec(arn ?? '') ?? [];
  if (arn !== undefined && name === undefined) {
    return registry.byArn(arn);
  }
  const typeName = name?.replaceAll('-', '::') ?? requiredString(parameters, 'TypeName');
  const versionId = optionalString(parameters, 'VersionId');
  const version =
    versionId === undefined
      ? registry.defaultVersion(typeName)
      : registry.versions(typeName).find((candidate) => candidate.versionId === versionId);
  if (version) {
    return version;
  }
  throw new ApiError('TypeNotFoundException', `The type ${typeName} does not exist`, 404);
}

function describeVersion(version: TypeVersion, byDefault: TypeVersion | undefined): Output {
  const { arn, typeName, schema, executionRoleArn, logging, time } = version;
  return {
    Arn: arn,
    Type: 'RESOURCE',
    TypeName: typeName,
    DefaultVersionId: byDefault?.versionId,
    IsDefaultVersion: byDefault?.arn === arn,
    Description: schema.description,
    Schema: version.package.schemaText,
    ProvisioningType: 'FULLY_MUTABLE',
    DeprecatedStatus: version.isDeprecated ? 'DEPRECATED' : 'LIVE',
    Visibility: 'PRIVATE',
    IsActivated: false,
    ExecutionRoleArn: executionRoleArn,
    LoggingConfig: logging && { LogRoleArn: logging.roleArn, LogGroupName: logging.groupName },
    TimeCreated: time,
    LastUpdated: time,
  };
}
