import { applyPatch, type Operation as PatchOperation } from 'fast-json-patch';
import { ApiError, attempt, found, invalid } from '../../gateway/errors';
import { optionalString, requiredString } from '../../gateway/parameters';
import type { Output, Parameters, Service } from '../../gateway/service';
import {
  type DriverOptions,
  type RunInput,
  type RunnableType,
  runHandlers,
} from '../cloudformation/handlers/driver';
import type { Action, ProgressEvent } from '../cloudformation/handlers/handler-contract';
import { identifierModel, identifierOf, type Model, propertyNames } from '../cloudformation/handlers/schema';
import { violations } from '../cloudformation/handlers/violations';
import { differences } from '../cloudformation/providers/provider';
import type {
  CloudFormationIn,
  RegionalCloudFormation,
  RegionalOperation,
} from '../cloudformation/regional-cloudformation';
import { regionalService } from '../cloudformation/service';
import model from './model.json';
import { ResourceRequests } from './requests';

/** Handlers' error codes whose exception has another name (API reference, "Errors" of GetResource). */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDeniedException',
  InternalFailure: 'HandlerInternalFailureException',
  NotFound: 'ResourceNotFoundException',
};

/**
 * AWS Cloud Control API for the types that are registered in an account's registry. IAM knows its actions by the
 * prefix `cloudformation` (service authorization reference, "AWS Cloud Control API").
 */
export function cloudControlService(cloudFormationIn: CloudFormationIn): Service {
  const operations = cloudControlOperations(new ResourceRequests());
  return {
    ...regionalService('cloudcontrolapi', operations, conflict, cloudFormationIn),
    model,
    validationError: 'ValidationException',
  };
}

function conflict(token: string, output: Output): ApiError {
  const { RequestToken } = (output as { ProgressEvent: { RequestToken: string } }).ProgressEvent;
  const earlier = `is already associated with an existing operation with RequestToken ${RequestToken}`;
  return new ApiError('ClientTokenConflictException', `ClientToken ${token} ${earlier}`);
}

const cloudControlOperations = (requests: ResourceRequests): Readonly<Record<string, RegionalOperation>> => ({
  CreateResource: withHandler('CREATE', (type, parameters, { driver }) => {
    const properties = json(parameters, 'DesiredState') as Model;
    checkModel(type, properties);
    return { ProgressEvent: requests.begin(type, 'CREATE', { properties }, driver) };
  }),
  UpdateResource: withHandler('UPDATE', async (type, parameters, { driver }) => {
    const patch = json(parameters, 'PatchDocument');
    const previousProperties = await read(type, parameters, driver);
    const properties = patched(previousProperties, patch);
    checkUpdate(type, previousProperties, properties);
    return { ProgressEvent: requests.begin(type, 'UPDATE', { properties, previousProperties }, driver) };
  }),
  DeleteResource: withHandler('DELETE', (type, parameters, { driver }) => {
    const properties = identified(type, parameters);
    return { ProgressEvent: requests.begin(type, 'DELETE', { properties }, driver) };
  }),
  GetResource: withHandler('READ', async (type, parameters, { driver }) => ({
    TypeName: type.typeName,
    ResourceDescription: resourceDescription(type, await read(type, parameters, driver)),
  })),
  ListResources: withHandler('LIST', async (type, parameters, { driver }) => {
    const properties = parameters.ResourceModel ? (json(parameters, 'ResourceModel') as Model) : {};
    const nextToken = optionalString(parameters, 'NextToken');
    const final = await run(type, 'LIST', { properties, nextToken }, driver);
    return {
      TypeName: type.typeName,
      ResourceDescriptions: (final.resourceModels ?? []).map((model) => resourceDescription(type, model)),
      NextToken: final.nextToken ?? undefined,
    };
  }),
  async GetResourceRequestStatus(cloudFormation, { parameters }) {
    const request = requests.get(requiredString(parameters, 'RequestToken'), cloudFormation.region);
    await cloudFormation.waitFor(request.ended);
    return { ProgressEvent: request.progress };
  },
  CancelResourceRequest({ region }, { parameters }) {
    return { ProgressEvent: requests.cancel(requiredString(parameters, 'RequestToken'), region) };
  },
});

/** An operation with a handler of the type that a request names. Throws TypeNotFoundException, UnsupportedActionException. */
function withHandler(
  action: Action,
  act: (
    type: RunnableType,
    parameters: Parameters,
    cloudFormation: RegionalCloudFormation,
  ) => Output | Promise<Output>,
): RegionalOperation {
  return (cloudFormation, { parameters }) => {
    const typeName = requiredString(parameters, 'TypeName');
    const type = found(
      cloudFormation.registry.version(typeName, optionalString(parameters, 'TypeVersionId')),
      new ApiError('TypeNotFoundException', `The type '${typeName}' cannot be found.`),
    );
    if (!type.schema.handlers?.[action.toLowerCase()]) {
      const message = `Resource type ${typeName} does not support ${action} action`;
      throw new ApiError('UnsupportedActionException', message);
    }
    return act(type, parameters, cloudFormation);
  };
}

function identified({ schema }: RunnableType, parameters: Parameters): Model {
  return identifierModel(schema, requiredString(parameters, 'Identifier'));
}

async function read(type: RunnableType, parameters: Parameters, driver: DriverOptions): Promise<Model> {
  const final = await run(type, 'READ', { properties: identified(type, parameters) }, driver);
  return final.resourceModel ?? {};
}

/** @throws ApiError with the exception for the handler's error code. */
async function run(
  type: RunnableType,
  action: Action,
  input: RunInput,
  driver: DriverOptions,
): Promise<ProgressEvent> {
  const { final, bearerToken } = await runHandlers(type, action, input, driver);
  if (final.status === 'SUCCESS') {
    return final;
  }
  const { errorCode = 'InternalFailure', message = '' } = final;
  const about = `HandlerErrorCode: ${errorCode}, RequestToken: ${bearerToken}`;
  throw new ApiError(
    EXCEPTIONS[errorCode] ?? `${errorCode}Exception`,
    `${type.typeName} Handler returned status FAILED: ${message} (${about})`,
  );
}

/** Checks a model before a handler is invoked. @throws ApiError ValidationException */
function checkModel({ schema }: RunnableType, model: Model): void {
  const [violation] = violations(schema, model, 'request');
  if (violation) {
    throw invalid(`Model validation failed (${violation.message})`);
  }
}

/** @throws ApiError NotUpdatableException, ValidationException */
function checkUpdate(type: RunnableType, before: Model, after: Model): void {
  const changed = differences(before, after);
  const fixed = propertyNames(type.schema.createOnlyProperties).filter((name) => changed.includes(name));
  if (fixed.length > 0) {
    const pointers = fixed.map((name) => `/properties/${name}`).join(', ');
    const message = `Invalid patch update: createOnlyProperties [${pointers}] cannot be updated`;
    throw new ApiError('NotUpdatableException', message);
  }
  checkModel(type, after);
}

/** A model changed by a JSON Patch (RFC 6902). @throws ApiError ValidationException */
function patched(model: Model, patch: unknown): Model {
  return attempt(
    () => applyPatch(structuredClone(model), patch as PatchOperation[], true).newDocument,
    (error) => {
      const { name, message } = error as Error;
      return invalid(`Invalid patch: ${name} ${message.split('\n')[0]}`);
    },
  );
}

/** @throws ApiError ValidationException */
function json(parameters: Parameters, name: string): unknown {
  const text = requiredString(parameters, name);
  return attempt(
    () => JSON.parse(text),
    () => invalid(`${name} is not JSON`),
  );
}

function resourceDescription({ schema }: RunnableType, model: Model) {
  return { Identifier: identifierOf(schema, model), Properties: JSON.stringify(model) };
}
