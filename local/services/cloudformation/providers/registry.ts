import type { Model } from '../handlers/protocol';
import type { Registry } from '../registry/registry';
import { type Existing, type Provider, ResourceFailure } from './provider';

/** The types that register types in a template. */
export function registryProviders(registry: Registry): ReadonlyMap<string, Provider> {
  return new Map([
    ['AWS::CloudFormation::ResourceVersion', versionProvider(registry)],
    ['AWS::CloudFormation::ResourceDefaultVersion', defaultVersionProvider(registry)],
  ]);
}

/** Every property is create-only (template reference). */
function versionProvider(registry: Registry): Provider {
  return {
    createOnly: () => ['TypeName', 'SchemaHandlerPackage', 'ExecutionRoleArn', 'LoggingConfig'],
    update: async (current, properties) => ({ ...current, properties }),
    async create(properties) {
      const { TypeName, SchemaHandlerPackage, ExecutionRoleArn, LoggingConfig } = properties;
      const logging = LoggingConfig as { LogGroupName: string; LogRoleArn: string } | undefined;
      const token = registry.register({
        typeName: String(TypeName),
        schemaHandlerPackage: String(SchemaHandlerPackage),
        executionRoleArn: ExecutionRoleArn === undefined ? undefined : String(ExecutionRoleArn),
        logging: logging && { groupName: logging.LogGroupName, roleArn: logging.LogRoleArn },
      });
      const progress = registry.registration(token);
      await progress.ended;
      if (progress.status === 'FAILED') {
        throw new ResourceFailure(progress.description, 'GeneralServiceException');
      }
      return describe(registry, progress.arn, properties);
    },
    async delete({ physicalId }) {
      registry.deregister(physicalId);
    },
  };
}

function describe(registry: Registry, arn: string, properties: Model): Existing {
  const { typeArn, versionId } = registry.byArn(arn);
  return { physicalId: arn, attributes: { Arn: arn, TypeArn: typeArn, VersionId: versionId }, properties };
}

/** Its delete leaves the default version as it is; the type goes with its last version. */
function defaultVersionProvider(registry: Registry): Provider {
  const set = async (properties: Model): Promise<Existing> => {
    const { TypeVersionArn, TypeName, VersionId } = properties;
    const named = registry.versions(String(TypeName)).find(({ versionId }) => versionId === VersionId);
    const { arn, typeArn } = named ?? registry.byArn(String(TypeVersionArn));
    registry.setDefault(arn);
    return { physicalId: typeArn, attributes: { Arn: typeArn }, properties };
  };
  return {
    createOnly: () => [],
    create: set,
    update: (_current, properties) => set(properties),
    delete: async () => {},
  };
}
