import type { Caller } from './aws';
import { AwsError } from './aws-error';
import { callJson, type JsonService } from './aws-json';
import { deadlineIn, within } from './deadline';
import type { Envelope } from './request';

export const LOGS: JsonService = {
  name: 'logs',
  version: '1.1',
  targetPrefix: 'Logs_20140328',
  endpointVariable: 'AWS_ENDPOINT_URL_CLOUDWATCH_LOGS',
  actionPrefix: 'logs',
};

export const METRICS: JsonService = {
  name: 'monitoring',
  version: '1.0',
  targetPrefix: 'GraniteServiceVersion20100801',
  endpointVariable: 'AWS_ENDPOINT_URL_CLOUDWATCH',
  actionPrefix: 'cloudwatch',
};

/** What the metrics say of one invocation. */
export interface Measurement {
  /** When the invocation began. */
  readonly start: Date;
  readonly milliseconds: number;
  /** The handler error code, where it failed. */
  readonly errorCode: string | undefined;
}

/** Logs and metrics of one invocation. Nothing here throws: telemetry never changes the outcome. */
export interface Telemetry {
  /**
   * Sends the lines as one PutLogEvents and the measurement as one PutMetricData, side by side.
   *
   * @param limit Milliseconds after which it is given up.
   * @returns What was not delivered and why, for want of a better place on the function's own output.
   */
  deliver(lines: readonly string[], measurement: Measurement, limit: number): Promise<string[]>;
}

/**
 * Begins to create the log stream, while the work runs.
 *
 * @param provider The logging role, or `undefined` where the type was registered without logging.
 */
export function startTelemetry(
  envelope: Envelope,
  provider: Caller | undefined,
  invocation: AbortSignal,
): Telemetry {
  const { providerLogGroupName } = envelope;
  if (!provider) {
    return { deliver: async () => [] };
  }
  const { secrets } = provider;
  const stream = providerLogGroupName
    ? openLogStream(provider, secrets.redact(providerLogGroupName), secrets.redact(streamName(envelope)))
    : undefined;
  // Delivery asks for it later; until then a refusal is nobody's.
  stream?.catch(() => {});
  return {
    async deliver(lines, measurement, limit) {
      const hurried = { ...provider, deadline: deadlineIn(limit, invocation) };
      const deliveries = [putMetricData(hurried, envelope, measurement)];
      if (stream) {
        deliveries.push(stream.then((target) => putLogEvents(hurried, target, lines)));
      }
      const results = await Promise.allSettled(
        deliveries.map((delivery) => within(hurried.deadline, delivery)),
      );
      return results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
    },
  };
}

interface LogStream {
  readonly logGroupName: string;
  readonly logStreamName: string;
}

/** The library's name for it; a stream's name may hold no colon (API reference, CreateLogStream). */
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
  const create = (operation: 'CreateLogGroup' | 'CreateLogStream', input: object) =>
    callJson(provider, LOGS, operation, input).catch(unlessCode('ResourceAlreadyExistsException'));
  try {
    await create('CreateLogStream', stream);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') {
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

/** Namespace, names and dimensions are the library's, so that its users' dashboards and alarms go on. */
async function putMetricData(provider: Caller, envelope: Envelope, measurement: Measurement): Promise<void> {
  const { action } = envelope;
  const resourceType = provider.secrets.redact(envelope.resourceType);
  const { start, milliseconds, errorCode } = measurement;
  const dimensions = [
    { Name: 'DimensionKeyActionType', Value: action },
    { Name: 'DimensionKeyResourceType', Value: resourceType },
  ];
  const metric = (
    MetricName: string,
    Unit: 'Count' | 'Milliseconds',
    Value: number,
    Dimensions = dimensions,
  ) => ({
    MetricName,
    Unit,
    Value,
    Dimensions,
    Timestamp: start.getTime() / 1000,
  });
  const exception = (code: string) =>
    metric('HandlerException', 'Count', 1, [
      ...dimensions,
      { Name: 'DimensionKeyExceptionType', Value: code },
    ]);
  await callJson(provider, METRICS, 'PutMetricData', {
    Namespace: `AWS/CloudFormation/${resourceType.replaceAll('::', '/')}`,
    MetricData: [
      metric('HandlerInvocationCount', 'Count', 1),
      metric('HandlerInvocationDuration', 'Milliseconds', milliseconds),
      ...(errorCode ? [exception(errorCode)] : []),
    ],
  });
}

function unlessCode(code: string) {
  return (error: unknown) => {
    if (!(error instanceof AwsError) || error.code !== code) {
      throw error;
    }
  };
}
