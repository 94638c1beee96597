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
 * Begins to create the log stream while the work runs.
 *
 * @param envelope The request; it names the log group, and becomes the name of the stream and the metrics' dimensions.
 * @param provider The logging role, or `undefined` if the type was registered without logging.
 * @param end Aborts when the invocation ends.
 */
export function startTelemetry(
  envelope: Envelope,
  provider: Caller | undefined,
  end: AbortSignal,
): Telemetry {
  const { providerLogGroupName } = envelope;
  if (!provider) {
    return { deliver: async () => [] };
  }
  const { secrets } = provider;
  const stream = providerLogGroupName
    ? openLogStream(provider, secrets.redact(providerLogGroupName), secrets.redact(streamName(envelope)))
    : undefined;
  // Names are redacted before the type adds its own secrets: a word among those must not change a metric's name.
  const resourceType = secrets.redact(envelope.resourceType);
  // Delivery awaits it later; until then nothing handles its rejection.
  stream?.catch(() => {});
  return {
    async deliver(lines, measurement, limit) {
      const hurried = { ...provider, deadline: deadlineIn(limit, end) };
      const deliveries = [putMetricData(hurried, envelope.action, resourceType, measurement)];
      if (stream) {
        deliveries.push(stream.then((target) => putLogEvents(hurried, target, lines)));
      }
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

/** As in AWS's own library; a stream's name cannot contain a colon (API reference, CreateLogStream). */
function streamName({ stackId, logicalResourceId, accountId, region }: Envelope): string {
  const name = stackId && logicalResourceId ? `${stackId}/${logicalResourceId}` : `${accountId}-${region}`;
  return name.replaceAll(':', '__');
}

async function openLogStream(
  provider: Caller,
  logGroupName: string,
  logStreamName: string,
): Promise<LogStream> {
  const stream = { logGroupName, logStreamName };
  const create = (apiOperation: 'CreateLogGroup' | 'CreateLogStream', input: object) =>
    callJson(provider, LOGS, apiOperation, input).catch(unlessCode('ResourceAlreadyExistsException'));
  try {
    await create('CreateLogStream', stream);
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'ResourceNotFoundException') {
      throw error;
    }
    await create('CreateLogGroup', { logGroupName });
    await create('CreateLogStream', stream);
  }
  return stream;
}

async function putLogEvents(provider: Caller, stream: LogStream, lines: readonly string[]): Promise<void> {
  const timestamp = Date.now();
  const logEvents = lines.map((message) => ({ message, timestamp }));
  await callJson(provider, LOGS, 'PutLogEvents', { ...stream, logEvents });
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

function unlessCode(code: string) {
  return (error: unknown) => {
    if (!(error instanceof ServiceError) || error.code !== code) {
      throw error;
    }
  };
}
