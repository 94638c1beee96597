import { ApiError, found, invalid } from '../../gateway/errors';
import { matchingString, optionalString, page } from '../../gateway/parameters';
import type { AccountWith, ApiRequest, Output, Service } from '../../gateway/service';
import type { LogEvent } from './store';

type LogsAccount = AccountWith<'logs'>;

const MAX_BATCH_EVENTS = 10_000;
const MAX_BATCH_BYTES = 1_048_576;
const EVENT_OVERHEAD_BYTES = 26;
const PAGE_SIZE = { name: 'limit', max: 50 };
const HOUR = 3_600_000;

/** Amazon CloudWatch Logs: groups, streams and events (CloudWatch Logs API reference). */
export const logs: Service<'logs'> = {
  name: 'logs',
  validationError: 'InvalidParameterException',
  operations: {
    CreateLogGroup: createLogGroup,
    CreateLogStream: createLogStream,
    DescribeLogGroups: describeLogGroups,
    DescribeLogStreams: describeLogStreams,
    PutLogEvents: putLogEvents,
  },
};

async function createLogGroup(request: ApiRequest, account: LogsAccount): Promise<undefined> {
  const { logs } = account;
  const { name, arn } = groupOf(request, account);
  await account.authorize(request, { action: 'logs:CreateLogGroup', resource: arn });
  refuseTaken('log group', name, logs.groups(request.region));
  logs.add(request.region, name, { arn, creationTime: Date.now(), streams: new Map() });
}

async function createLogStream(request: ApiRequest, account: LogsAccount): Promise<undefined> {
  const { name, arn } = streamOf(request, account);
  await account.authorize(request, { action: 'logs:CreateLogStream', resource: arn });
  const all = streams(request, account);
  refuseTaken('log stream', name, all);
  all.set(name, { arn, creationTime: Date.now(), events: [] });
}

async function describeLogGroups(request: ApiRequest, { logs, authorize }: LogsAccount): Promise<Output> {
  await authorize(request, { action: 'logs:DescribeLogGroups' });
  const groups = byPrefix(request, 'logGroupNamePrefix', logs.groups(request.region)).map(
    ([logGroupName, { arn, creationTime }]) => ({ logGroupName, arn: `${arn}:*`, creationTime }),
  );
  return page(request.parameters, 'logGroups', groups, PAGE_SIZE);
}

async function describeLogStreams(request: ApiRequest, account: LogsAccount): Promise<Output> {
  const { arn: resource } = groupOf(request, account);
  await account.authorize(request, { action: 'logs:DescribeLogStreams', resource });
  const shown = byPrefix(request, 'logStreamNamePrefix', streams(request, account)).map(
    ([logStreamName, { arn, creationTime }]) => ({ logStreamName, arn, creationTime }),
  );
  return page(request.parameters, 'logStreams', shown, PAGE_SIZE);
}

async function putLogEvents(request: ApiRequest, account: LogsAccount): Promise<Output> {
  const { name, arn } = streamOf(request, account);
  const events = readEvents(request.parameters.logEvents);
  await account.authorize(request, { action: 'logs:PutLogEvents', resource: arn });
  const stream = found(streams(request, account).get(name), missing('log stream'));
  const now = Date.now();
  const tooNew = events.findIndex((event) => event.timestamp > now + 2 * HOUR);
  const tooOld = events.filter((event) => event.timestamp < now - 14 * 24 * HOUR).length;
  stream.events.push(...events.slice(tooOld, tooNew < 0 ? undefined : tooNew));
  const rejected = {
    ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
  };
  return {
    nextSequenceToken: String(stream.events.length).padStart(56, '0'),
    ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }),
  };
}

/** Checks a batch against the limits of `PutLogEvents`. */
function readEvents(value: unknown): LogEvent[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_BATCH_EVENTS) {
    throw invalid(`A batch must contain 1 to ${MAX_BATCH_EVENTS} log events`);
  }
  const events = value.map(readEvent);
  const bytes = events.reduce(
    (sum, { message }) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES,
    0,
  );
  if (bytes > MAX_BATCH_BYTES) {
    throw invalid(`Upload too large: ${bytes} bytes exceeds limit`);
  }
  const times = events.map((event) => event.timestamp);
  if (times.some((time, index) => time < (times[index - 1] ?? 0))) {
    throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
  }
  if ((times.at(-1) ?? 0) - (times[0] ?? 0) > 24 * HOUR) {
    throw invalid('The batch of log events in a single PutLogEvents request cannot span 24 hours.');
  }
  return events;
}

function readEvent(event: Partial<LogEvent> | null): LogEvent {
  const { timestamp, message } = event ?? {};
  if (!Number.isInteger(timestamp) || Number(timestamp) < 0) {
    throw invalid('timestamp must be milliseconds since 1970');
  }
  if (typeof message !== 'string' || message.length < 1) {
    throw invalid('Log event message must not be empty');
  }
  return { timestamp: Number(timestamp), message };
}

function groupOf(request: ApiRequest, { accountId }: LogsAccount): { name: string; arn: string } {
  const pattern = /^[.\-_/#A-Za-z0-9]{1,512}$/;
  const name = matchingString(request.parameters, 'logGroupName', pattern, '[\\.\\-_/#A-Za-z0-9]+');
  const arn = `arn:aws:logs:${request.region}:${accountId}:log-group:${name}`;
  return { name, arn };
}

function streamOf(request: ApiRequest, account: LogsAccount): { name: string; arn: string } {
  const name = matchingString(request.parameters, 'logStreamName', /^[^:*]{1,512}$/, '[^:*]*');
  return { name, arn: `${groupOf(request, account).arn}:log-stream:${name}` };
}

/** The streams of the group that a request names. */
function streams(request: ApiRequest, account: LogsAccount) {
  const group = account.logs.groups(request.region).get(groupOf(request, account).name);
  return found(group, missing('log group')).streams;
}

function missing(kind: string): ApiError {
  return new ApiError('ResourceNotFoundException', `The specified ${kind} does not exist.`);
}

function refuseTaken(kind: string, name: string, all: ReadonlyMap<string, unknown>): void {
  if (all.has(name)) {
    throw new ApiError('ResourceAlreadyExistsException', `The specified ${kind} already exists`);
  }
}

/** The items whose names have the prefix of a request, by name. */
function byPrefix<T>({ parameters }: ApiRequest, member: string, all: Map<string, T>): [string, T][] {
  const prefix = optionalString(parameters, member) ?? '';
  return [...all].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
}
