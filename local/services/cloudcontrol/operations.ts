import { applyPatch, type Operation as PatchOperation } from 'fast-json-patch';
import { ApiError } from '../../gateway/errors';
import { optionalString, requiredString } from '../../gateway/parameters';
import type { ApiRequest, Output, Parameters } from '../../gateway/service';
import { type RunInput, type RunnableType, runHandlers } from '../cloudformation/handlers/driver';
import type { Action, Model, ProgressEvent } from '../cloudformation/handlers/protocol';
import { identifierModel, identifierOf } from '../cloudformation/handlers/schema';
import type { Region } from '../cloudformation/region';
import type { RequestProgress, ResourceRequests } from './requests';

/** Cloud Control in one Region. */
export interface CloudControl {
  readonly region: Region;
  readonly requests: ResourceRequests;
}

/** One operation of the API. Throws ApiError for every error answer. */
type CloudControlOperation = (control: CloudControl, request: ApiRequest) => Output | Promise<Output>;

const INVALID = 'ValidationException';
/** Handlers' error codes whose exception has another name (API reference, "Errors" of GetResource). */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDeniedException',
  InternalFailure: 'HandlerInternalFailureException',
  NotFound: 'ResourceNotFoundException',
};

/** AWS Cloud Control API (API reference) for types that are registered. */
export const cloudControlOperations: Readonly<Record<string, CloudControlOperation>> = {
  CreateResource(control, { parameters }) {
    const type = typeOf(control, parameters, 'CREATE');
    const properties = object(parameters, 'DesiredState');
    const identifier = knownIdentifier(type, properties);
    return begin(control, type, 'CREATE', parameters, { properties }, identifier);
  },
  async UpdateResource(control, { parameters }) {
    const type = typeOf(control, parameters, 'UPDATE');
    const identifier = requiredString(parameters, 'Identifier', INVALID);
    const previousProperties = await read(control, type, identifier);
    const properties = patched(previousProperties, json(parameters, 'PatchDocument'));
    return begin(control, type, 'UPDATE', parameters, { properties, previousProperties }, identifier);
  },
  DeleteResource(control, { parameters }) {
    const type = typeOf(control, parameters, 'DELETE');
    const identifier = requiredString(parameters, 'Identifier', INVALID);
    const properties = identifierModel(type.schema, identifier);
    return begin(control, type, 'DELETE', parameters, { properties }, identifier);
  },
  async GetResource(control, { parameters }) {
    const type = typeOf(control, parameters, 'READ');
    const model = await read(control, type, requiredString(parameters, 'Identifier', INVALID));
    return { TypeName: type.typeName, ResourceDescription: describeResource(type, model) };
  },
  async ListResources(control, { parameters }) {
    const type = typeOf(control, parameters, 'LIST');
    const properties = parameters.ResourceModel === undefined ? {} : object(parameters, 'ResourceModel');
    const nextToken = optionalString(parameters, 'NextToken', INVALID);
    const final = await run(control, type, 'LIST', { properties, nextToken });
    return {
      TypeName: type.typeName,
      ResourceDescriptions: (final.resourceModels ?? []).map((model) => describeResource(type, model)),
      NextToken: final.nextToken ?? undefined,
    };
  },
  async GetResourceRequestStatus({ region, requests }, { parameters }) {
    const request = requests.get(requiredString(parameters, 'RequestToken', INVALID));
    await region.settle(request.ended);
    return { ProgressEvent: request.progress };
  },
  ListResourceRequests({ requests }, { parameters }) {
    const { Operations, OperationStatuses } = (parameters.ResourceRequestStatusFilter ?? {}) as {
      Operations?: string[];
      OperationStatuses?: string[];
    };
    const found = requests
      .list()
      .filter(({ Operation: it }) => !Operations?.length || Operations.includes(it))
      .filter(({ OperationStatus: it }) => !OperationStatuses?.length || OperationStatuses.includes(it));
    return { ResourceRequestStatusSummaries: found };
  },
  CancelResourceRequest({ requests }, { parameters }) {
    return { ProgressEvent: requests.cancel(requiredString(parameters, 'RequestToken', INVALID)) };
  },
};

function begin(
  { region, requests }: CloudControl,
  type: RunnableType,
  Operation: RequestProgress['Operation'],
  parameters: Parameters,
  input: RunInput,
  Identifier: string | undefined,
): Output {
  const clientToken = optionalString(parameters, 'ClientToken', INVALID);
  const content = JSON.stringify([Operation, parameters]);
  const asked = { TypeName: type.typeName, Operation, Identifier, clientToken, content };
  const { progress } = requests.begin(asked, (running) => {
    const onModel = (model: Model) => {
      running.Identifier ??= knownIdentifier(type, model);
    };
    const isCanceled = () => running.OperationStatus === 'CANCEL_IN_PROGRESS';
    return runHandlers(type, Operation, { ...input, onModel, isCanceled }, region.driver);
  });
  return { ProgressEvent: progress };
}

/** The type's version that the request names. @throws ApiError TypeNotFoundException, UnsupportedActionException */
function typeOf({ region }: CloudControl, parameters: Parameters, action: Action): RunnableType {
  if (parameters.RoleArn !== undefined) {
    throw new ApiError('InvalidRequestException', 'The local account does not know RoleArn');
  }
  const typeName = requiredString(parameters, 'TypeName', INVALID);
  const type = region.runnable(typeName, optionalString(parameters, 'TypeVersionId', INVALID));
  if (!type) {
    throw new ApiError('TypeNotFoundException', `The type '${typeName}' cannot be found.`);
  }
  if (!type.schema.handlers?.[action.toLowerCase()]) {
    const message = `Resource type ${typeName} does not support ${action} action`;
    throw new ApiError('UnsupportedActionException', message);
  }
  return type;
}

async function read(control: CloudControl, type: RunnableType, identifier: string): Promise<Model> {
  const { resourceModel } = await run(control, type, 'READ', {
    properties: identifierModel(type.schema, identifier),
  });
  return resourceModel ?? {};
}

/** @throws ApiError with the exception for the handler's error code. */
async function run(
  { region }: CloudControl,
  type: RunnableType,
  action: Action,
  input: RunInput,
): Promise<ProgressEvent> {
  const { final } = await runHandlers(type, action, input, region.driver);
  if (final.status === 'SUCCESS') {
    return final;
  }
  const { errorCode = 'InternalFailure', message = '' } = final;
  throw new ApiError(EXCEPTIONS[errorCode] ?? `${errorCode}Exception`, message);
}

/** The identifier, where the model has all of it. */
function knownIdentifier({ schema }: RunnableType, model: Model): string | undefined {
  const values = Object.values(identifierModel(schema, model));
  return values.every((value) => value !== undefined) ? identifierOf(schema, model) : undefined;
}

/** A model changed by a JSON Patch (RFC 6902). @throws ApiError ValidationException */
function patched(model: Model, patch: unknown): Model {
  try {
    return applyPatch(structuredClone(model), patch as PatchOperation[], true).newDocument;
  } catch (error) {
    const { name, message } = error as Error;
    throw new ApiError(INVALID, `Invalid patch: ${name} ${message.split('\n')[0]}`);
  }
}

function object(parameters: Parameters, name: string): Model {
  const value = json(parameters, name);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Model;
  }
  throw new ApiError(INVALID, `${name} is not a JSON object`);
}

function json(parameters: Parameters, name: string): unknown {
  try {
    return JSON.parse(requiredString(parameters, name, INVALID));
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(INVALID, `${name} is not JSON`);
  }
}

function describeResource({ schema }: RunnableType, model: Model) {
  return { Identifier: identifierOf(schema, model), Properties: JSON.stringify(model) };
}
