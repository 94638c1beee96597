import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { type Caller, call, clientConfiguration } from './aws';
import { AwsError } from './aws-error';
import { deadlineIn, within } from './deadline';
import type { Envelope } from './request';

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
  const logs = new CloudWatchLogsClient(clientConfiguration(provider));
  const createStream = () =>
    call(provider, 'logs:CreateLogStream', (options) =>
      logs.send(new CreateLogStreamCommand(stream), options),
    );
  const createGroup = () =>
    call(provider, 'logs:CreateLogGroup', (options) =>
      logs.send(new CreateLogGroupCommand({ logGroupName }), options),
    );
  try {
    await createStream().catch(unlessCode('ResourceAlreadyExistsException'));
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') {
      throw error;
    }
    await createGroup().catch(unlessCode('ResourceAlreadyExistsException'));
    await createStream().catch(unlessCode('ResourceAlreadyExistsException'));
  }
  return stream;
}

async function putLogEvents(provider: Caller, stream: LogStream, lines: readonly string[]): Promise<void> {
  const logs = new CloudWatchLogsClient(clientConfiguration(provider));
  const timestamp = Date.now();
  const command = new PutLogEventsCommand({
    ...stream,
    logEvents: lines.map((message) => ({ message, timestamp })),
  });
  await call(provider, 'logs:PutLogEvents', (options) => logs.send(command, options));
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
    Timestamp: start,
  });
  const exception = (code: string) =>
    metric('HandlerException', 'Count', 1, [
      ...dimensions,
      { Name: 'DimensionKeyExceptionType', Value: code },
    ]);
  const command = new PutMetricDataCommand({
    Namespace: `AWS/CloudFormation/${resourceType.replaceAll('::', '/')}`,
    MetricData: [
      metric('HandlerInvocationCount', 'Count', 1),
      metric('HandlerInvocationDuration', 'Milliseconds', milliseconds),
      ...(errorCode ? [exception(errorCode)] : []),
    ],
  });
  const cloudwatch = new CloudWatchClient(clientConfiguration(provider));
  await call(provider, 'cloudwatch:PutMetricData', (options) => cloudwatch.send(command, options));
}

function unlessCode(code: string) {
  return (error: unknown) => {
    if (!(error instanceof AwsError) || error.code !== code) {
      throw error;
    }
  };
}
