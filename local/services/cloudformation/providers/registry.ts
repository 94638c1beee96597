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
      const registration = registry.register(properties);
      await registration.ended;
      if (!registration.version) {
        throw new ResourceFailure(registration.description, 'GeneralServiceException');
      }
      const { arn, typeArn, versionId } = registration.version;
      return {
        physicalId: arn,
        attributes: { Arn: arn, TypeArn: typeArn, VersionId: versionId },
        properties,
      };
    },
    async delete({ physicalId }) {
      registry.deregister(registry.byArn(physicalId));
    },
  };
}

/** Its delete leaves the default version as it is; the type goes with its last version. */
function defaultVersionProvider(registry: Registry): Provider {
  const set = async (properties: Model): Promise<Existing> => {
    const { TypeVersionArn, TypeName, VersionId } = properties;
    const named = VersionId === undefined ? undefined : registry.version(String(TypeName), String(VersionId));
    const version = named ?? registry.byArn(String(TypeVersionArn));
    registry.setDefault(version);
    return { physicalId: version.typeArn, attributes: { Arn: version.typeArn }, properties };
  };
  return {
    createOnly: () => [],
    create: set,
    update: (_current, properties) => set(properties),
    delete: async () => {},
  };
}
