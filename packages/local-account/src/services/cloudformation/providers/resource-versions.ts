import { found } from '../../../gateway/errors';
import type { ApiRequest } from '../../../gateway/service';
import type { Model } from '../handlers/schema';
import { type Registration, type Registry, typeNotFound } from '../registry/registry';
import { type Existing, handlerFailure, type Provider, type Task } from './provider';

const VERSION = 'AWS::CloudFormation::ResourceVersion';

/** A call of the registry's API. */
type RegistryCall = Omit<ApiRequest, 'region'>;

/** What the types need of their Region. */
interface Registrar {
  readonly registry: Registry;
  /** Returns if the caller may make a call. @throws ApiError AccessDenied */
  authorize(call: RegistryCall): Promise<void>;
  /** Begins a registration for a caller who may make the call. @throws ApiError */
  register(call: RegistryCall): Promise<Registration>;
}

/** The types that register types in a template, with the permissions of the stack's caller or service role. */
export function resourceVersionProviders(registrar: Registrar): ReadonlyMap<string, Provider> {
  return new Map([
    [VERSION, versionProvider(registrar)],
    ['AWS::CloudFormation::ResourceDefaultVersion', defaultVersionProvider(registrar)],
  ]);
}

/** Every property is create-only (template reference). */
function versionProvider({ registry, authorize, register }: Registrar): Provider {
  return {
    createOnly: ['TypeName', 'SchemaHandlerPackage', 'ExecutionRoleArn', 'LoggingConfig'],
    update: async (current, properties) => ({ ...current, properties }),
    async create(properties, { caller }) {
      const call = { operation: 'RegisterType', parameters: properties, caller };
      await authorize(call);
      const registration = await register(call);
      await registration.ended;
      if (!registration.version) {
        // AWS's own handler only logs why (aws-cloudformation-resource-providers-cloudformation, CreateHandler).
        const identity = `type '${VERSION}' with identifier '${registration.arn}'`;
        throw handlerFailure(
          `Resource of ${identity} did not stabilize.`,
          'NotStabilized',
          registration.token,
        );
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
      const version = registry.byArn(physicalId);
      if (version) {
        // AWS's own handler deregisters a default version by the type's name
        // (aws-cloudformation-resource-providers-cloudformation, DeleteHandler).
        registry.deregister(version, version.isDefault ? 'type' : 'version');
      }
    },
  };
}

/** Its delete does not change the default version. The type is deregistered with its last version. */
function defaultVersionProvider({ registry, authorize }: Registrar): Provider {
  const set = async (properties: Model, { caller }: Task): Promise<Existing> => {
    await authorize({ operation: 'SetTypeDefaultVersion', parameters: {}, caller });
    const { TypeVersionArn, TypeName, VersionId } = properties;
    const named = VersionId === undefined ? undefined : registry.version(String(TypeName), String(VersionId));
    const arn = String(TypeVersionArn);
    const version = found(named ?? registry.byArn(arn), typeNotFound(arn));
    registry.setDefault(version);
    return { physicalId: version.typeArn, attributes: { Arn: version.typeArn }, properties };
  };
  return {
    createOnly: [],
    create: set,
    update: (_current, properties, task) => set(properties, task),
    delete: async () => {},
  };
}
