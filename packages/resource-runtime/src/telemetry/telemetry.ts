import { callJson, type JsonService } from '../calls/aws-json';
import type { Caller } from '../calls/caller';
import { ServiceError } from '../errors/service-error';
import type { Action, Envelope } from '../protocol/envelope';
import { deadlineIn, within } from '../time/deadline';

const LOGS: JsonService = {
  name: 'logs',
  version: '1.1',
  targetPrefix: 'Logs_20140328',
  endpointVariable: 'AWS_ENDPOINT_URL_CLOUDWATCH_LOGS',
  actionPrefix: 'logs',
};

const METRICS: JsonService = {
  name: 'monitoring',
  version: '1.0',
  targetPrefix: 'GraniteServiceVersion20100801',
  endpointVariable: 'AWS_ENDPOINT_URL_CLOUDWATCH',
  actionPrefix: 'cloudwatch',
};

/** What the metrics record of one invocation. */
interface Measurement {
  /** When the invocation began. */
  readonly startedAt: Date;
  readonly milliseconds: number;
  /** The handler error code, if it failed. */
  readonly errorCode: string | undefined;
}

/** Logs and metrics of one invocation. It never throws: telemetry does not change the outcome. */
export interface Telemetry {
  /**
   * Sends the lines as one PutLogEvents and the measurement as one PutMetricData, at the same time.
   *
   * @param limit Milliseconds after which the delivery ends.
   * @returns Why something was not delivered: one text for each call that failed.
   */
  deliver(lines: readonly string[], measurement: Measurement, limit: number): Promise<string[]>;
}

/**
 * The telemetry of one invocation. Nothing is sent before `deliver`.
 *
 * @param envelope The request; it names the log group, and becomes the name of the stream and the metrics' dimensions.
 * @param provider The logging role, or `undefined` if the type was registered without logging.
 * @param end Aborts when the invocation ends.
 */
export function telemetryOf(envelope: Envelope, provider: Caller | undefined, end: AbortSignal): Telemetry {
  if (!provider) {
    return { deliver: async () => [] };
  }
  // Names are redacted before the type adds its own secrets: a word among those must not change a metric's name.
  const resourceType = provider.secrets.redact(envelope.resourceType);
  const stream = logStreamOf(envelope, provider);
  return {
    async deliver(lines, measurement, limit) {
      const hurried = { ...provider, deadline: deadlineIn(limit, end) };
      const deliveries = [
        putMetricData(hurried, envelope.action, resourceType, measurement),
        ...(stream ? [putLogEvents(hurried, stream, lines)] : []),
      ];
      const results = await Promise.allSettled(
        deliveries.map((delivery) => within(hurried.deadline, delivery)),
      );
      return results.flatMap((result) => (result.status === 'rejected' ? [describe(result.reason)] : []));
    },
  };
}

function describe(error: unknown): string {
  return error instanceof ServiceError
    ? `${error.action} failed: ${error.message} (${error.code})`
    : String(error);
}

interface LogStream {
  readonly logGroupName: string;
  readonly logStreamName: string;
}

function logStreamOf(envelope: Envelope, { secrets }: Caller): LogStream | undefined {
  const { providerLogGroupName } = envelope;
  return providerLogGroupName
    ? {
        logGroupName: secrets.redact(providerLogGroupName),
        logStreamName: secrets.redact(streamName(envelope)),
      }
    : undefined;
}

/** As in AWS's own library; a stream's name cannot contain a colon (API reference, CreateLogStream). */
function streamName({ stackId, logicalResourceId, accountId, region }: Envelope): string {
  const name = stackId && logicalResourceId ? `${stackId}/${logicalResourceId}` : `${accountId}-${region}`;
  return name.replaceAll(':', '__');
}

/**
 * A resource has one stream, so only its first invocation has to create it: every other one makes a single call. If the
 * stream or the group is missing, PutLogEvents fails with this error (API reference, PutLogEvents).
 */
async function putLogEvents(provider: Caller, stream: LogStream, lines: readonly string[]): Promise<void> {
  const timestamp = Date.now();
  const logEvents = lines.map((message) => ({ message, timestamp }));
  const put = () => callJson(provider, LOGS, 'PutLogEvents', { ...stream, logEvents });
  await put().catch(
    onCode('ResourceNotFoundException', async () => {
      await createLogStream(provider, stream);
      await put();
    }),
  );
}

async function createLogStream(provider: Caller, stream: LogStream): Promise<void> {
  // Another invocation can create it at the same time.
  const create = (apiOperation: 'CreateLogGroup' | 'CreateLogStream', input: object) =>
    callJson(provider, LOGS, apiOperation, input).catch(
      onCode('ResourceAlreadyExistsException', async () => {}),
    );
  await create('CreateLogStream', stream).catch(
    onCode('ResourceNotFoundException', async () => {
      await create('CreateLogGroup', { logGroupName: stream.logGroupName });
      await create('CreateLogStream', stream);
    }),
  );
}

/** Namespace, names and dimensions are those of AWS's own library, so that dashboards and alarms for it work here too. */
async function putMetricData(
  provider: Caller,
  action: Action,
  resourceType: string,
  measurement: Measurement,
): Promise<void> {
  const { startedAt, milliseconds, errorCode } = measurement;
  const dimensions = [
    { Name: 'DimensionKeyActionType', Value: action },
    { Name: 'DimensionKeyResourceType', Value: resourceType },
  ];
  const metric = (name: string, unit: 'Count' | 'Milliseconds', value: number, more: Dimension[] = []) => ({
    MetricName: name,
    Unit: unit,
    Value: value,
    Dimensions: [...dimensions, ...more],
    Timestamp: startedAt.getTime() / 1000,
  });
  await callJson(provider, METRICS, 'PutMetricData', {
    Namespace: `AWS/CloudFormation/${resourceType.replaceAll('::', '/')}`,
    MetricData: [
      metric('HandlerInvocationCount', 'Count', 1),
      metric('HandlerInvocationDuration', 'Milliseconds', milliseconds),
      ...(errorCode
        ? [metric('HandlerException', 'Count', 1, [{ Name: 'DimensionKeyExceptionType', Value: errorCode }])]
        : []),
    ],
  });
}

interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

/** Does something about the error of this code; throws every other one. */
function onCode(code: string, remedy: () => Promise<void>) {
  return (error: unknown) => {
    if (error instanceof ServiceError && error.code === code) {
      return remedy();
    }
    throw error;
  };
}
