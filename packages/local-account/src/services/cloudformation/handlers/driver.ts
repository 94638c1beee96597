import { randomUUID } from 'node:crypto';
import { cloudFormationArn } from '../../../ids';
import type { LambdaFunction } from '../../lambda/function';
import type { ServiceCaller } from '../../sts/operations';
import type { Credentials } from '../../sts/store';
import {
  type Action,
  failed,
  identifierOf,
  type Model,
  type ProgressEvent,
  RETRIABLE,
  readProgress,
  type Tags,
  type TypeSchema,
  timeoutSeconds,
} from './contract';

/** A version of a resource type as CloudFormation invokes it. */
export interface RunnableType {
  readonly typeName: string;
  /** `arn:…:type/resource/Organization-Service-Resource/00000001`. */
  readonly arn: string;
  readonly schema: TypeSchema;
  readonly function: Pick<LambdaFunction, 'invoke'>;
  /** The role that the type was registered with; without one, requests have no credentials. */
  readonly executionRoleArn?: string | undefined;
  readonly logging?: { groupName: string; roleArn: string } | undefined;
  /** What SetTypeConfiguration has set. */
  readonly typeConfiguration?: Model | undefined;
}

/** An account whose roles AWS services can assume. */
export interface ServiceAccount {
  readonly accountId: string;
  assumeAsService(service: string, roleArn: string, caller: ServiceCaller): Promise<Credentials>;
}

export interface Driver {
  readonly account: ServiceAccount;
  readonly region: string;
  /** Waits between two invocations; it may end early with the signal. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
  /** How often an operation is invoked again after a retriable error or a crash. Defaults to 5. */
  readonly maxRetries?: number | undefined;
  /**
   * What an operation that is invoked again after a retriable error or a crash starts from: the last context and
   * model, or the original request, without any of what was done. CloudFormation does not document it.
   * Defaults to the last event.
   */
  readonly retryFrom?: 'last-event' | 'original-request' | undefined;
  readonly onProgress?: ((action: Action, event: ProgressEvent) => void) | undefined;
}

export interface RunInput {
  properties?: Model | undefined;
  previousProperties?: Model | undefined;
  logicalId?: string;
  stackId?: string;
  stackTags?: Tags;
  previousStackTags?: Tags;
  nextToken?: string | undefined;
  /** Called with the identifier of each answer that has one, before the operation has ended. */
  onIdentifier?: (identifier: string) => void;
  /** Ends the operation before its next invocation. */
  signal?: AbortSignal;
}

/** The result of an operation. A crash or an answer that breaks the contract shows as `InternalFailure`. */
export interface RunResult {
  events: ProgressEvent[];
  final: ProgressEvent;
  /** The model by which CloudFormation would delete what a failed create left behind; see {@link modelHeld}. */
  held?: Model | undefined;
  bearerToken: string;
}

const HANDLERS_SERVICE = 'resources.cloudformation.amazonaws.com';
/**
 * How long CloudFormation asks for the sessions of the execution role and of the log role to last, in seconds:
 * 70 s times 120 minutes (cloudformation-cli pull request 307; whether it still does is not known, so the longest
 * is taken), and what the CLI's managed-upload-infrastructure.yaml gives the log role.
 */
const EXECUTION_SESSION = 8_400;
const LOG_SESSION = 43_200;
const MOST_INVOCATIONS = 1_000;

/**
 * Runs one operation to its end. After IN_PROGRESS, the handler is invoked again with the last model and callback
 * context; after retriable errors and crashes too. Each invocation has new credentials of the execution role.
 *
 * @throws ApiError AccessDenied or ValidationError when CloudFormation cannot assume the execution role or the
 * logging role.
 */
export async function runHandler(type: RunnableType, action: Action, input: RunInput, options: Driver) {
  const { maxRetries = 5, retryFrom = 'last-event', onProgress } = options;
  const limit = timeoutSeconds(type.schema, action);
  const original = requestOf(type, action, input, options);
  const { bearerToken } = original;
  const events: ProgressEvent[] = [];
  const end = (final: ProgressEvent): RunResult => {
    events.push(final);
    return { events, final, held: modelHeld(events, type.schema), bearerToken };
  };
  let request = original;
  let [retries, pause, waited] = [0, 0, 0];
  for (;;) {
    const { event, isRetriable } = await invoke(type, request, options);
    onProgress?.(action, event);
    const identifier = identifierOf(type.schema, event.resourceModel);
    if (identifier !== undefined) {
      input.onIdentifier?.(identifier);
    }
    if (event.status === 'IN_PROGRESS') {
      request = continued(request, event);
      pause = event.callbackDelaySeconds ?? 0;
    } else if (isRetriable && retries < maxRetries) {
      request = retryFrom === 'original-request' ? original : request;
      pause = 2 ** retries;
      retries += 1;
    } else {
      return end(event);
    }
    events.push(event);
    waited += pause;
    if (waited > limit || events.length > MOST_INVOCATIONS) {
      return end(failed('NotStabilized', `${action} did not end within ${limit} seconds`));
    }
    await options.sleep(pause, input.signal);
    if (input.signal?.aborted) {
      return end(failed('InternalFailure', 'The operation was canceled'));
    }
  }
}

type HandlerRequest = ReturnType<typeof requestOf>;

/** The request after an event that is in progress: with its model and its context. */
function continued({ requestData, ...request }: HandlerRequest, event: ProgressEvent): HandlerRequest {
  const resourceProperties = event.resourceModel ?? requestData.resourceProperties;
  const callbackContext = event.callbackContext ?? undefined;
  return { ...request, callbackContext, requestData: { ...requestData, resourceProperties } };
}

/** The event of protocol 2.0.0 without credentials. Missing members are left out, as CloudFormation does. */
function requestOf(type: RunnableType, action: Action, input: RunInput, { region, account }: Driver) {
  const { accountId } = account;
  const bearerToken = randomUUID();
  const { logicalId = 'Resource' } = input;
  const { stackId = cloudFormationArn({ region, accountId }, `stack/Stack/${bearerToken}`) } = input;
  return {
    action,
    awsAccountId: accountId,
    bearerToken,
    region,
    resourceType: type.typeName,
    resourceTypeVersion: type.arn.slice(-8),
    callbackContext: undefined as ProgressEvent['callbackContext'],
    nextToken: input.nextToken,
    stackId,
    requestData: {
      resourceProperties: input.properties,
      previousResourceProperties: input.previousProperties,
      logicalResourceId: logicalId,
      providerLogGroupName: type.logging?.groupName,
      // The tags that CloudFormation puts on each resource itself (user guide, "Resource tag").
      systemTags: {
        'aws:cloudformation:stack-id': stackId,
        'aws:cloudformation:stack-name': stackId.split('/')[1],
        'aws:cloudformation:logical-id': logicalId,
      },
      stackTags: input.stackTags ?? {},
      previousStackTags: action === 'UPDATE' ? input.previousStackTags : undefined,
      typeConfiguration: type.typeConfiguration,
    },
  };
}

/** A handler's answer, and whether CloudFormation invokes it again if it is a failure. */
async function invoke(type: RunnableType, request: HandlerRequest, { account }: Driver) {
  const caller = { sessionName: 'AWSCloudFormation', sourceAccount: account.accountId, sourceArn: type.arn };
  const session = async (roleArn: string | undefined, durationSeconds: number) =>
    roleArn && account.assumeAsService(HANDLERS_SERVICE, roleArn, { ...caller, durationSeconds });
  const requestData = {
    ...request.requestData,
    callerCredentials: await session(type.executionRoleArn, EXECUTION_SESSION),
    providerCredentials: await session(type.logging?.roleArn, LOG_SESSION),
  };
  const { payload, functionError } = await type.function.invoke({ ...request, requestData });
  if (functionError) {
    const message = `The handler ended without an answer: ${JSON.stringify(payload)}`;
    return { event: failed('InternalFailure', message), isRetriable: true };
  }
  const event = readProgress(payload, request.action, type.schema);
  return { event, isRetriable: RETRIABLE.includes(event.errorCode ?? '') };
}

/**
 * The first model with an identifier, by which CloudFormation deletes what a failed create left behind. The model of
 * an AlreadyExists is dropped, and only that (pulumi-aws-native issue 1138); whether an earlier one survives it is not
 * known, so it does.
 */
function modelHeld(events: readonly ProgressEvent[], schema: TypeSchema): Model | undefined {
  const first = events.find(
    ({ errorCode, resourceModel }) =>
      errorCode !== 'AlreadyExists' && identifierOf(schema, resourceModel) !== undefined,
  );
  return first?.resourceModel ?? undefined;
}
