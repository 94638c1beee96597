import { found } from '../../../gateway/errors';
import type { Model } from '../handlers/schema';
import type { Permissions } from '../permissions';
import { typeNotFound } from '../registry/refusals';
import type { Registry } from '../registry/registry';
import { type Existing, handlerFailure, type Provider, type Task } from './provider';

const VERSION = 'AWS::CloudFormation::ResourceVersion';

/** The types that register types in a template, with the permissions of the stack's caller or service role. */
export function resourceVersionProviders(
  registry: Registry,
  permissions: Permissions,
): ReadonlyMap<string, Provider> {
  return new Map([
    [VERSION, versionProvider(registry, permissions)],
    ['AWS::CloudFormation::ResourceDefaultVersion', defaultVersionProvider(registry, permissions)],
  ]);
}

/** Every property is create-only (template reference). */
function versionProvider(registry: Registry, permissions: Permissions): Provider {
  return {
    createOnly: ['TypeName', 'SchemaHandlerPackage', 'ExecutionRoleArn', 'LoggingConfig'],
    update: async (current, properties) => ({ ...current, properties }),
    async create(properties, { caller }) {
      await permissions.authorize(caller, 'RegisterType');
      const content = await permissions.packageFor(caller, properties);
      const registration = registry.register(properties, content);
      await registration.ended;
      const { arn: Arn, token, version } = registration;
      if (!version) {
        // AWS's own handler only logs why (aws-cloudformation-resource-providers-cloudformation, CreateHandler).
        const message = `Resource of type '${VERSION}' with identifier '${Arn}' did not stabilize.`;
        throw handlerFailure(message, 'NotStabilized', token);
      }
      const { typeArn: TypeArn, versionId: VersionId } = version;
      return { physicalId: Arn, attributes: { Arn, TypeArn, VersionId }, properties };
    },
    async delete({ physicalId }, { caller }) {
      await permissions.authorize(caller, 'DeregisterType');
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
function defaultVersionProvider(registry: Registry, permissions: Permissions): Provider {
  const set = async (properties: Model, { caller }: Task): Promise<Existing> => {
    await permissions.authorize(caller, 'SetTypeDefaultVersion');
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
