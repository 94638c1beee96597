import { applyPatch, type Operation as PatchOperation } from 'fast-json-patch';
import { ApiError, found, invalid } from '../../gateway/errors';
import { optionalString, page, requiredString } from '../../gateway/parameters';
import type { Parameters } from '../../gateway/service';
import { type RunInput, type RunnableType, runHandlers } from '../cloudformation/handlers/driver';
import type { Action, ProgressEvent } from '../cloudformation/handlers/handler-contract';
import { identifierModel, identifierOf, type Model, propertyNames } from '../cloudformation/handlers/schema';
import { violations } from '../cloudformation/handlers/violations';
import { differences } from '../cloudformation/providers/provider';
import type { Region, RegionOperation } from '../cloudformation/region';
import type { ResourceRequests } from './requests';

/** Handlers' error codes whose exception has another name (API reference, "Errors" of GetResource). */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDeniedException',
  InternalFailure: 'HandlerInternalFailureException',
  NotFound: 'ResourceNotFoundException',
};

/** Which requests ListResourceRequests lists; by default, all. */
interface StatusFilter {
  readonly Operations?: readonly string[];
  readonly OperationStatuses?: readonly string[];
}
const PAGE_SIZE = { name: 'MaxResults', default: 20, token: 'NextToken' };

/** AWS Cloud Control API (API reference) for types that are registered. */
export const cloudControlOperations = (
  requests: ResourceRequests,
): Readonly<Record<string, RegionOperation>> => ({
  CreateResource(region, { parameters }) {
    const type = typeOf(region, parameters, 'CREATE');
    const properties = json(parameters, 'DesiredState') as Model;
    checkModel(type, properties);
    return { ProgressEvent: requests.begin(type, 'CREATE', { properties }, region.driver) };
  },
  async UpdateResource(region, { parameters }) {
    const type = typeOf(region, parameters, 'UPDATE');
    const patch = json(parameters, 'PatchDocument');
    const previousProperties = await read(region, type, parameters);
    const properties = patched(previousProperties, patch);
    checkUpdate(type, previousProperties, properties);
    const input = { properties, previousProperties };
    return { ProgressEvent: requests.begin(type, 'UPDATE', input, region.driver) };
  },
  DeleteResource(region, { parameters }) {
    const type = typeOf(region, parameters, 'DELETE');
    const properties = identified(type, parameters);
    return { ProgressEvent: requests.begin(type, 'DELETE', { properties }, region.driver) };
  },
  async GetResource(region, { parameters }) {
    const type = typeOf(region, parameters, 'READ');
    const model = await read(region, type, parameters);
    return { TypeName: type.typeName, ResourceDescription: resourceDescription(type, model) };
  },
  async ListResources(region, { parameters }) {
    const type = typeOf(region, parameters, 'LIST');
    const properties = parameters.ResourceModel ? (json(parameters, 'ResourceModel') as Model) : {};
    const nextToken = optionalString(parameters, 'NextToken');
    const final = await run(region, type, 'LIST', { properties, nextToken });
    return {
      TypeName: type.typeName,
      ResourceDescriptions: (final.resourceModels ?? []).map((model) => resourceDescription(type, model)),
      NextToken: final.nextToken ?? undefined,
    };
  },
  async GetResourceRequestStatus(region, { parameters }) {
    const request = requests.get(requiredString(parameters, 'RequestToken'), region.name);
    await region.waitFor(request.ended);
    return { ProgressEvent: request.progress };
  },
  ListResourceRequests({ name }, { parameters }) {
    const { Operations = [], OperationStatuses = [] } = (parameters.ResourceRequestStatusFilter ??
      {}) as StatusFilter;
    const isWanted = (wanted: readonly string[], value = '') => wanted.length === 0 || wanted.includes(value);
    const wanted = requests
      .all(name)
      .filter((it) => isWanted(Operations, it.Operation) && isWanted(OperationStatuses, it.OperationStatus));
    return page(parameters, 'ResourceRequestStatusSummaries', wanted, PAGE_SIZE);
  },
  CancelResourceRequest({ name }, { parameters }) {
    return { ProgressEvent: requests.cancel(requiredString(parameters, 'RequestToken'), name) };
  },
});

/** The type's version that the request names. @throws ApiError TypeNotFoundException, UnsupportedActionException */
function typeOf({ registry }: Region, parameters: Parameters, action: Action): RunnableType {
  const typeName = requiredString(parameters, 'TypeName');
  const type = found(
    registry.version(typeName, optionalString(parameters, 'TypeVersionId')),
    new ApiError('TypeNotFoundException', `The type '${typeName}' cannot be found.`),
  );
  if (!type.schema.handlers?.[action.toLowerCase()]) {
    const message = `Resource type ${typeName} does not support ${action} action`;
    throw new ApiError('UnsupportedActionException', message);
  }
  return type;
}

/** The model with only the request's identifier. */
function identified({ schema }: RunnableType, parameters: Parameters): Model {
  return identifierModel(schema, requiredString(parameters, 'Identifier'));
}

async function read(region: Region, type: RunnableType, parameters: Parameters): Promise<Model> {
  const final = await run(region, type, 'READ', { properties: identified(type, parameters) });
  return final.resourceModel ?? {};
}

/** @throws ApiError with the exception for the handler's error code. */
async function run(
  { driver }: Region,
  type: RunnableType,
  action: Action,
  input: RunInput,
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
    throw new ApiError(
      'NotUpdatableException',
      `Invalid patch update: createOnlyProperties [${pointers}] cannot be updated`,
    );
  }
  checkModel(type, after);
}

/** A model changed by a JSON Patch (RFC 6902). @throws ApiError ValidationException */
function patched(model: Model, patch: unknown): Model {
  try {
    return applyPatch(structuredClone(model), patch as PatchOperation[], true).newDocument;
  } catch (error) {
    const { name, message } = error as Error;
    throw invalid(`Invalid patch: ${name} ${message.split('\n')[0]}`);
  }
}

/** @throws ApiError ValidationException */
function json(parameters: Parameters, name: string): unknown {
  const text = requiredString(parameters, name);
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(`${name} is not JSON`);
  }
}

function resourceDescription({ schema }: RunnableType, model: Model) {
  return { Identifier: identifierOf(schema, model), Properties: JSON.stringify(model) };
}
