import type { AccountState, ApiRequest, Operation, Service } from './account-state';
import { authorize } from './authorize';
import { ApiError } from './errors';
import { optionalString, requiredString } from './parameters';
import type { Registry, TypeVersion } from './registry';
import type { RegistryStack, RegistryStacks } from './registry-stacks';
import type { Output, Parameters } from './wire';

/** AWS CloudFormation as far as registering a type goes (CloudFormation API reference). */
export function registryService(registry: Registry, stacksOf: (region: string) => RegistryStacks): Service {
  const operations: Service = {
    async CreateStack({ parameters, region }) {
      const { id } = await stacksOf(region).create(...stackInput(parameters));
      return { StackId: id };
    },
    async UpdateStack({ parameters, region }) {
      const { id } = await stacksOf(region).update(...stackInput(parameters));
      return { StackId: id };
    },
    DescribeStacks({ parameters, region }) {
      return { Stacks: [describeStack(stacksOf(region).get(requiredString(parameters, 'StackName')))] };
    },
    RegisterType({ parameters, region }) {
      const type = optionalString(parameters, 'Type') ?? 'RESOURCE';
      if (type !== 'RESOURCE')
        throw new ApiError('ValidationError', `The local registry has no ${type} types`);
      const logging = parameters.LoggingConfig as Parameters | undefined;
      const token = registry.register(region, {
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
    async DescribeTypeRegistration({ parameters }) {
      return { ...(await registry.registration(requiredString(parameters, 'RegistrationToken'))) };
    },
    SetTypeDefaultVersion({ parameters, region }) {
      registry.setDefault(versionNamed(registry, region, parameters).arn);
      return {};
    },
    DescribeType({ parameters, region }) {
      const version = versionNamed(registry, region, parameters);
      return describeVersion(version, registry.defaultVersion(region, version.typeName));
    },
    ListTypeVersions({ parameters, region }) {
      const typeName = requiredString(parameters, 'TypeName');
      const defaultArn = registry.defaultVersion(region, typeName)?.arn;
      return {
        TypeVersionSummaries: registry.versions(region, typeName).map(({ arn, versionId }) => ({
          Type: 'RESOURCE',
          TypeName: typeName,
          VersionId: versionId,
          IsDefaultVersion: arn === defaultArn,
          Arn: arn,
        })),
      };
    },
    DeregisterType({ parameters, region }) {
      registry.deregister(versionNamed(registry, region, parameters).arn);
      return {};
    },
  };
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [name, allowed(operation)]),
  );
}

/** Asks the caller's policies first. */
function allowed(operation: Operation): Operation {
  return async (request: ApiRequest, account: AccountState): Promise<Output> => {
    await authorize(request, { action: `cloudformation:${request.operation}` }, account);
    return operation(request, account);
  };
}

/** A version by ARN, or by type name and version ID; without one, the default version. */
function versionNamed(registry: Registry, region: string, parameters: Parameters): TypeVersion {
  const arn = optionalString(parameters, 'Arn');
  if (arn !== undefined) return registry.byArn(arn);
  const typeName = requiredString(parameters, 'TypeName');
  const versionId = optionalString(parameters, 'VersionId');
  const version =
    versionId === undefined
      ? registry.defaultVersion(region, typeName)
      : registry.versions(region, typeName).find((candidate) => candidate.versionId === versionId);
  if (version) return version;
  throw new ApiError('TypeNotFoundException', `The type ${typeName} does not exist`, 404);
}

function describeVersion(version: TypeVersion, byDefault: TypeVersion | undefined): Output {
  const { arn, typeName, executionRoleArn, logging } = version;
  return {
    Arn: arn,
    Type: 'RESOURCE',
    TypeName: typeName,
    DefaultVersionId: byDefault?.versionId,
    IsDefaultVersion: byDefault?.arn === arn,
    Schema: version.package.schema,
    ProvisioningType: 'FULLY_MUTABLE',
    DeprecatedStatus: 'LIVE',
    Visibility: 'PRIVATE',
    ExecutionRoleArn: executionRoleArn,
    LoggingConfig: logging && { LogRoleArn: logging.roleArn, LogGroupName: logging.groupName },
  };
}

function describeStack({
  name,
  id,
  status,
  reason,
  outputs,
  creationTime,
}: RegistryStack & { creationTime: Date }) {
  return {
    StackName: name,
    StackId: id,
    StackStatus: status,
    StackStatusReason: reason,
    CreationTime: creationTime,
    Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
  };
}

function stackInput(parameters: Parameters): [string, string, Record<string, string>, string[]] {
  const given = (parameters.Parameters ?? []) as { ParameterKey: string; ParameterValue: string }[];
  return [
    requiredString(parameters, 'StackName'),
    requiredString(parameters, 'TemplateBody'),
    Object.fromEntries(given.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue])),
    (parameters.Capabilities ?? []) as string[],
  ];
}
