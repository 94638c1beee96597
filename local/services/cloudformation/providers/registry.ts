import type { ApiRequest } from '../../../gateway/service';
import type { Model } from '../handlers/protocol';
import type { Registry } from '../registry/registry';
import { type Existing, type Provider, ResourceFailure, type Task } from './provider';

/** Whether the caller may make a call of the registry's API. @throws ApiError AccessDenied */
type AuthorizeCall = (call: Omit<ApiRequest, 'region'>) => Promise<void>;

/** The types that register types in a template, with the permissions of the stack's caller or service role. */
export function registryProviders(
  registry: Registry,
  authorize: AuthorizeCall,
): ReadonlyMap<string, Provider> {
  return new Map([
    ['AWS::CloudFormation::ResourceVersion', versionProvider(registry, authorize)],
    ['AWS::CloudFormation::ResourceDefaultVersion', defaultVersionProvider(registry, authorize)],
  ]);
}

/** Every property is create-only (template reference). */
function versionProvider(registry: Registry, authorize: AuthorizeCall): Provider {
  return {
    createOnly: () => ['TypeName', 'SchemaHandlerPackage', 'ExecutionRoleArn', 'LoggingConfig'],
    update: async (current, properties) => ({ ...current, properties }),
    async create(properties, { caller }) {
      await authorize({ operation: 'RegisterType', parameters: properties, caller });
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
    async delete({ physicalId }, { caller }) {
      await authorize({ operation: 'DeregisterType', parameters: {}, caller });
      registry.deregister(registry.byArn(physicalId));
    },
  };
}

/** Its delete leaves the default version as it is; the type goes with its last version. */
function defaultVersionProvider(registry: Registry, authorize: AuthorizeCall): Provider {
  const set = async (properties: Model, { caller }: Task): Promise<Existing> => {
    await authorize({ operation: 'SetTypeDefaultVersion', parameters: {}, caller });
    const { TypeVersionArn, TypeName, VersionId } = properties;
    const named = VersionId === undefined ? undefined : registry.version(String(TypeName), String(VersionId));
    const version = named ?? registry.byArn(String(TypeVersionArn));
    registry.setDefault(version);
    return { physicalId: version.typeArn, attributes: { Arn: version.typeArn }, properties };
  };
  return {
    createOnly: () => [],
    create: set,
    update: (_current, properties, task) => set(properties, task),
    delete: async () => {},
  };
}
