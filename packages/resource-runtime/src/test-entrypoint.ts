import type { Entrypoint } from './entrypoint';

/**
 * An entry point for the event of the CLI's template.yml (`sam local invoke TestEntrypoint`): a request without its
 * envelope.
 *
 * @param accountIdOf The account for a resource's properties, if the event does not name one.
 */
export function createTestEntrypoint(
  entrypoint: Entrypoint,
  accountIdOf: (properties: Readonly<Record<string, unknown>>) => string | undefined = () => undefined,
): Entrypoint {
  return async (event, context) => {
    const { action, credentials, request, callbackContext, region } = (event ?? {}) as TestEvent;
    const { desiredResourceState, previousResourceState, logicalResourceIdentifier, nextToken } =
      request ?? {};
    const requestData = {
      callerCredentials: credentials,
      resourceProperties: desiredResourceState,
      previousResourceProperties: previousResourceState,
      logicalResourceId: logicalResourceIdentifier,
      stackTags: request?.desiredResourceTags,
      previousStackTags: request?.previousResourceTags,
      systemTags: request?.systemTags,
      previousSystemTags: request?.previousSystemTags,
      typeConfiguration: request?.typeConfiguration,
    };
    const protocolEvent = {
      action,
      bearerToken: request?.clientRequestToken,
      stackId: request?.stackId,
      callbackContext,
      nextToken,
      requestData,
      region: region ?? process.env.AWS_REGION,
      awsAccountId: request?.awsAccountId ?? accountIdOf(desiredResourceState ?? {}),
    };
    return entrypoint(protocolEvent, context);
  };
}

/**
 * The event, unchecked: the entry point checks what it takes from it. The names are those of AWS's own library
 * (cloudformation-cli-typescript-plugin, `UnmodeledRequest` and `BaseResourceHandlerRequest`), where the tags of a
 * request are those of its stack.
 */
interface TestEvent {
  readonly action?: unknown;
  readonly credentials?: unknown;
  readonly callbackContext?: unknown;
  readonly region?: unknown;
  readonly request?: {
    readonly desiredResourceState?: Readonly<Record<string, unknown>> | null;
    readonly previousResourceState?: unknown;
    readonly logicalResourceIdentifier?: unknown;
    readonly nextToken?: unknown;
    readonly desiredResourceTags?: unknown;
    readonly previousResourceTags?: unknown;
    readonly systemTags?: unknown;
    readonly previousSystemTags?: unknown;
    readonly typeConfiguration?: unknown;
    readonly clientRequestToken?: unknown;
    readonly stackId?: unknown;
    readonly awsAccountId?: unknown;
  } | null;
}
