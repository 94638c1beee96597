import type { AccountIdentity } from '../../account-identity';
import { ApiError } from '../../gateway/errors';
import { integer, optionalString, requiredString } from '../../gateway/parameters';
import type { ApiRequest, Authorize, Output } from '../../gateway/service';
import type { LogEvent, LogGroup, Logs } from './store';

/** What the operations of CloudWatch Logs work with. */
export interface LogsState {
  readonly identity: AccountIdentity;
  readonly logs: Logs;
  readonly authorize: Authorize;
}

const INVALID = 'InvalidParameterException';
const MAX_BATCH_EVENTS = 10_000;
const MAX_BATCH_BYTES = 1_048_576;
const EVENT_OVERHEAD_BYTES = 26;
const HOUR = 3_600_000;

/** `CreateLogGroup` (CloudWatch Logs API reference). */
export async function createLogGroup(request: ApiRequest, state: LogsState): Promise<Output> {
  const { name, arn } = groupOf(request, state);
  await state.authorize(request, { action: 'logs:CreateLogGroup', resource: arn });
  const groups = state.logs.groups(request.region);
  if (groups.has(name)) {
    throw new ApiError('ResourceAlreadyExistsException', 'The specified log group already exists');
  }
  groups.set(name, { logGroupName: name, arn, creationTime: Date.now(), streams: new Map() });
  return undefined;
}

/** `CreateLogStream` (CloudWatch Logs API reference). */
export async function createLogStream(request: ApiRequest, state: LogsState): Promise<Output> {
  const { name, arn } = streamOf(request, state);
  await state.authorize(request, { action: 'logs:CreateLogStream', resource: arn });
  const group = existingGroup(request, state);
  if (group.streams.has(name)) {
    throw new ApiError('ResourceAlreadyExistsException', 'The specified log stream already exists');
  }
  group.streams.set(name, { logStreamName: name, arn, creationTime: Date.now(), events: [] });
  return undefined;
}

/** `DescribeLogGroups` (CloudWatch Logs API reference). */
export async function describeLogGroups(request: ApiRequest, state: LogsState): Promise<Output> {
  const prefix = optionalString(request.parameters, 'logGroupNamePrefix', INVALID) ?? '';
  await state.authorize(request, { action: 'logs:DescribeLogGroups' });
  const found = [...state.logs.groups(request.region).values()]
    .filter((group) => group.logGroupName.startsWith(prefix))
    .sort((a, b) => (a.logGroupName < b.logGroupName ? -1 : 1))
    .map(({ logGroupName, arn, creationTime }) => ({ logGroupName, arn: `${arn}:*`, creationTime }));
  return page(request, found, 'logGroups');
}

/** `DescribeLogStreams` (CloudWatch Logs API reference). */
export async function describeLogStreams(request: ApiRequest, state: LogsState): Promise<Output> {
  const prefix = optionalString(request.parameters, 'logStreamNamePrefix', INVALID) ?? '';
  const { arn } = groupOf(request, state);
  await state.authorize(request, { action: 'logs:DescribeLogStreams', resource: arn });
  const found = [...existingGroup(request, state).streams.values()]
    .filter((stream) => stream.logStreamName.startsWith(prefix))
    .sort((a, b) => (a.logStreamName < b.logStreamName ? -1 : 1))
    .map(({ logStreamName, arn: streamArn, creationTime }) => ({
      logStreamName,
      arn: streamArn,
      creationTime,
    }));
  return page(request, found, 'logStreams');
}

/** `PutLogEvents` (CloudWatch Logs API reference). */
export async function putLogEvents(request: ApiRequest, state: LogsState): Promise<Output> {
  const { name, arn } = streamOf(request, state);
  const events = readEvents(request.parameters.logEvents);
  await state.authorize(request, { action: 'logs:PutLogEvents', resource: arn });
  const stream = existingGroup(request, state).streams.get(name);
  if (!stream) {
    throw new ApiError('ResourceNotFoundException', 'The specified log stream does not exist.');
  }
  const now = Date.now();
  const tooNew = events.findIndex((event) => event.timestamp > now + 2 * HOUR);
  const tooOld = events.filter((event) => event.timestamp < now - 14 * 24 * HOUR).length;
  stream.events.push(...events.slice(tooOld, tooNew < 0 ? undefined : tooNew));
  const rejected = {
    ...(tooNew < 0 ? {} : { tooNewLogEventStartIndex: tooNew }),
    ...(tooOld === 0 ? {} : { tooOldLogEventEndIndex: tooOld }),
  };
  return {
    nextSequenceToken: String(stream.events.length).padStart(56, '0'),
    ...(Object.keys(rejected).length > 0 ? { rejectedLogEventsInfo: rejected } : {}),
  };
}

/** Checks a batch against the limits of `PutLogEvents`. */
function readEvents(value: unknown): LogEvent[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_BATCH_EVENTS) {
    throw new ApiError(INVALID, `1 to ${MAX_BATCH_EVENTS} log events make a batch`);
  }
  const events = value.map((event: Partial<LogEvent> | null): LogEvent => {
    const { timestamp, message } = event ?? {};
    if (!Number.isInteger(timestamp) || Number(timestamp) < 0) {
      throw new ApiError(INVALID, 'timestamp must be milliseconds since 1970');
    }
    if (typeof message !== 'string' || message.length < 1) {
      throw new ApiError(INVALID, 'Log event message must not be empty');
    }
    return { timestamp: Number(timestamp), message };
  });
  const bytes = events.reduce(
    (sum, { message }) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES,
    0,
  );
  if (bytes > MAX_BATCH_BYTES) {
    throw new ApiError(INVALID, `Upload too large: ${bytes} bytes exceeds limit`);
  }
  const times = events.map((event) => event.timestamp);
  if (times.some((time, index) => time < (times[index - 1] ?? 0))) {
    throw new ApiError(
      INVALID,
      'Log events in a single PutLogEvents request must be in chronological order.',
    );
  }
  if ((times.at(-1) ?? 0) - (times[0] ?? 0) > 24 * HOUR) {
    throw new ApiError(
      INVALID,
      'The batch of log events in a single PutLogEvents request cannot span 24 hours.',
    );
  }
  return events;
}

function groupOf({ parameters, region }: ApiRequest, state: LogsState): { name: string; arn: string } {
  const name = requiredString(parameters, 'logGroupName', INVALID);
  if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(name)) {
    throw constraint('logGroupName', name, '[\\.\\-_/#A-Za-z0-9]+');
  }
  return {
    name,
    arn: `arn:${state.identity.partition}:logs:${region}:${state.identity.accountId}:log-group:${name}`,
  };
}

function streamOf(request: ApiRequest, state: LogsState): { name: string; arn: string } {
  const name = requiredString(request.parameters, 'logStreamName', INVALID);
  if (!/^[^:*]{1,512}$/.test(name)) {
    throw constraint('logStreamName', name, '[^:*]*');
  }
  return { name, arn: `${groupOf(request, state).arn}:log-stream:${name}` };
}

function constraint(member: string, value: string, pattern: string): ApiError {
  const start = `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint`;
  return new ApiError(INVALID, `${start}: Member must satisfy regular expression pattern: ${pattern}`);
}

function existingGroup(request: ApiRequest, state: LogsState): LogGroup {
  const group = state.logs.groups(request.region).get(groupOf(request, state).name);
  if (group) {
    return group;
  }
  throw new ApiError('ResourceNotFoundException', 'The specified log group does not exist.');
}

function page(request: ApiRequest, found: unknown[], member: string): Output {
  const limit = integer(request.parameters, 'limit', { default: 50, min: 1, max: 50 }, INVALID);
  const start = Number(optionalString(request.parameters, 'nextToken', INVALID) ?? 0);
  if (!Number.isInteger(start) || start < 0) {
    throw new ApiError(INVALID, 'The specified nextToken is invalid.');
  }
  const end = start + limit;
  return { [member]: found.slice(start, end), ...(end < found.length ? { nextToken: String(end) } : {}) };
}
