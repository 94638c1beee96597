import type { entrypointOf } from './entrypoint';

/** An entry point for the event that the library's `TestEntrypoint` takes: a request without its envelope. */
export function testEntrypointOf(entrypoint: ReturnType<typeof entrypointOf>): typeof entrypoint {
  return (event, context) => {
    const { action, credentials, request, callbackContext, region } = (event ?? {}) as TestEvent;
    const { desiredResourceState, previousResourceState, logicalResourceIdentifier, nextToken } =
      request ?? {};
    const accountId = /^arn:[^:]*:iam::(\d{12}):/.exec(String(desiredResourceState?.RoleArn))?.[1];
    const requestData = {
      callerCredentials: credentials,
      resourceProperties: desiredResourceState,
      previousResourceProperties: previousResourceState,
      logicalResourceId: logicalResourceIdentifier,
    };
    const protocolEvent = {
      action,
      callbackContext,
      nextToken,
      requestData,
      region: region ?? process.env.AWS_REGION,
      awsAccountId: request?.awsAccountId ?? accountId,
    };
    return entrypoint(protocolEvent, context);
  };
}

/** What `sam local invoke TestEntrypoint` sends; the entry point checks what is taken from it. */
interface TestEvent {
  readonly action?: unknown;
  readonly credentials?: unknown;
  readonly callbackContext?: unknown;
  readonly region?: unknown;
  readonly request?: {
    readonly desiredResourceState?: { readonly RoleArn?: unknown } | null;
    readonly previousResourceState?: unknown;
    readonly logicalResourceIdentifier?: unknown;
    readonly nextToken?: unknown;
    readonly awsAccountId?: unknown;
  } | null;
}
