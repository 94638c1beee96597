import { ApiError, found, invalid } from '../../gateway/errors';
import { list, optionalNumber, optionalString, page, requiredString } from '../../gateway/parameters';
import type { AccountWith, ApiRequest, Output, Parameters, Service } from '../../gateway/service';
import model from './model.json';
import type { LogEvent } from './store';

type LogsAccount = AccountWith<'logs'>;

const MAX_BATCH_BYTES = 1_048_576;
const EVENT_OVERHEAD_BYTES = 26;
const PAGE_SIZE = { name: 'limit', default: 50 };
const EVENTS_SIZE = { name: 'limit', default: 10_000 };
const MAX_NAME = 512;
const HOUR = 3_600_000;

/** Amazon CloudWatch Logs: groups, streams and events (CloudWatch Logs API reference). */
export const logs: Service<'logs'> = {
  name: 'logs',
  model,
  validationError: 'InvalidParameterException',
  operations: {
    CreateLogGroup: createLogGroup,
    CreateLogStream: createLogStream,
    DeleteLogGroup: deleteLogGroup,
    DescribeLogGroups: describeLogGroups,
    DescribeLogStreams: describeLogStreams,
    FilterLogEvents: filterLogEvents,
    GetLogEvents: getLogEvents,
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

async function deleteLogGroup(request: ApiRequest, account: LogsAccount): Promise<undefined> {
  const { name, arn } = groupOf(request, account);
  await account.authorize(request, { action: 'logs:DeleteLogGroup', resource: arn });
  if (!account.logs.groups(request.region).delete(name)) {
    throw missing('log group');
  }
}

async function describeLogGroups(request: ApiRequest, { logs, authorize }: LogsAccount): Promise<Output> {
  const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = request.parameters;
  if (prefix !== undefined && pattern !== undefined) {
    throw invalid('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
  }
  await authorize(request, { action: 'logs:DescribeLogGroups' });
  // With a pattern, AWS leaves these out (localstack/localstack, test_describe_log_groups_with_pattern).
  const others = pattern === undefined && { deletionProtectionEnabled: false, storedBytes: 0 };
  const groups = byPrefix(request, 'logGroupNamePrefix', logs.groups(request.region))
    .filter(([name]) => name.includes(String(pattern ?? '')))
    .map(([logGroupName, { arn: logGroupArn, creationTime }]) => ({
      logGroupName,
      logGroupArn,
      arn: `${logGroupArn}:*`,
      creationTime,
      logGroupClass: 'STANDARD',
      metricFilterCount: 0,
      ...others,
    }));
  return page(request.parameters, 'logGroups', groups, PAGE_SIZE);
}

async function describeLogStreams(request: ApiRequest, account: LogsAccount): Promise<Output> {
  const { arn: resource } = groupOf(request, account);
  await account.authorize(request, { action: 'logs:DescribeLogStreams', resource });
  const shown = byPrefix(request, 'logStreamNamePrefix', streams(request, account)).map(
    ([logStreamName, { arn, creationTime }]) => ({ logStreamName, arn, creationTime, storedBytes: 0 }),
  );
  return page(request.parameters, 'logStreams', shown, PAGE_SIZE);
}

async function filterLogEvents(request: ApiRequest, account: LogsAccount): Promise<Output> {
  const { parameters } = request;
  const { arn: resource } = groupOf(request, account);
  await account.authorize(request, { action: 'logs:FilterLogEvents', resource });
  const names = list<string>(parameters, 'logStreamNames');
  const isWanted = filterOf(optionalString(parameters, 'filterPattern') ?? '');
  const events = byPrefix(request, 'logStreamNamePrefix', streams(request, account))
    .filter(([name]) => names.length === 0 || names.includes(name))
    .flatMap(([logStreamName, stream]) =>
      stream.events.map((event, index) => ({ logStreamName, ...event, eventId: eventId(event, index) })),
    )
    .filter((event) => isInTime(parameters, event) && isWanted(event.message))
    .sort((one, other) => one.timestamp - other.timestamp);
  return { ...page(parameters, 'events', events, EVENTS_SIZE), searchedLogStreams: [] };
}

/** Pages of a stream, by default its end; with `nextToken`, those before it or after it. */
async function getLogEvents(request: ApiRequest, account: LogsAccount): Promise<Output> {
  const { parameters } = request;
  const { name, arn } = streamOf(request, account);
  await account.authorize(request, { action: 'logs:GetLogEvents', resource: arn });
  const stream = found(streams(request, account).get(name), missing('log stream'));
  const events = stream.events.filter((event) => isInTime(parameters, event));
  const limit = optionalNumber(parameters, 'limit') ?? EVENTS_SIZE.default;
  const isFromHead = parameters.startFromHead === true;
  const token = optionalString(parameters, 'nextToken') ?? (isFromHead ? 'f/0' : `b/${events.length}`);
  const [, direction, place] = /^([fb])\/(\d+)$/.exec(token) ?? [];
  if (place === undefined || Number(place) > events.length) {
    throw invalid('The specified nextToken is invalid.');
  }
  const start = direction === 'f' ? Number(place) : Math.max(0, Number(place) - limit);
  const end = direction === 'f' ? Math.min(events.length, start + limit) : Number(place);
  return {
    events: events.slice(start, end),
    nextForwardToken: `f/${end}`,
    nextBackwardToken: `b/${start}`,
  };
}

function isInTime({ startTime, endTime }: Parameters, { timestamp }: LogEvent): boolean {
  // API reference, FilterLogEvents: events later than the end are left out.
  return timestamp >= Number(startTime ?? 0) && timestamp <= Number(endTime ?? Number.POSITIVE_INFINITY);
}

function eventId({ timestamp }: LogEvent, index: number): string {
  return `${timestamp}${String(index).padStart(43, '0')}`;
}

/**
 * Whether a message has the terms of a filter pattern: all of them, one of those after `?`, none of those after `-`
 * (CloudWatch Logs user guide, "FilterAndPatternSyntax", unstructured log events).
 *
 * @throws ApiError InvalidParameterException for patterns of other kinds, which the local account does not support.
 */
function filterOf(pattern: string): (message: string) => boolean {
  if (/^\s*[{[%]/.test(pattern)) {
    throw invalid(`The local account does not support the filter pattern ${pattern}`);
  }
  const terms = [...pattern.matchAll(/([?-]?)(?:"([^"]*)"|(\S+))/g)].map(([, kind, quoted, word]) => ({
    kind,
    text: quoted ?? word ?? '',
  }));
  const of = (wanted: string) => terms.filter(({ kind }) => kind === wanted).map(({ text }) => text);
  const [all, any, none] = [of(''), of('?'), of('-')];
  return (message) => {
    const has = (text: string) => message.includes(text);
    return all.every(has) && (any.length === 0 || any.some(has)) && !none.some(has);
  };
}

async function putLogEvents(request: ApiRequest, account: LogsAccount): Promise<Output> {
  const { name, arn } = streamOf(request, account);
  const events = list<LogEvent>(request.parameters, 'logEvents');
  checkBatch(events);
  await account.authorize(request, { action: 'logs:PutLogEvents', resource: arn });
  const stream = found(streams(request, account).get(name), missing('log stream'));
  const now = Date.now();
  const tooNew = events.findIndex((event) => event.timestamp > now + 2 * HOUR);
  const tooOld = events.filter((event) => event.timestamp < now - 14 * 24 * HOUR).length;
  const accepted = events.slice(tooOld, tooNew < 0 ? undefined : tooNew);
  stream.events.push(...accepted.map((event) => ({ ...event, ingestionTime: now })));
  const rejected = {
    ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
  };
  return {
    nextSequenceToken: String(stream.events.length).padStart(56, '0'),
    ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }),
  };
}

/** Checks a batch against the limits of `PutLogEvents`. @throws ApiError InvalidParameterException */
function checkBatch(events: LogEvent[]): void {
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
}

/** The log group that a request names, or gives the ARN of. @throws ApiError InvalidParameterException */
function groupOf(request: ApiRequest, { accountId }: LogsAccount): { name: string; arn: string } {
  const { parameters, region } = request;
  const identifier = optionalString(parameters, 'logGroupIdentifier');
  if (identifier !== undefined && parameters.logGroupName !== undefined) {
    const message = 'LogGroup name and LogGroup ARN are mutually exclusive parameters.';
    throw new ApiError('ValidationException', message);
  }
  const prefix = `arn:aws:logs:${region}:${accountId}:log-group:`;
  const name = identifier?.replace(prefix, '') ?? requiredString(parameters, 'logGroupName');
  checkName(name);
  return { name, arn: `${prefix}${name}` };
}

function streamOf(request: ApiRequest, account: LogsAccount): { name: string; arn: string } {
  const name = requiredString(request.parameters, 'logStreamName');
  checkName(name);
  return { name, arn: `${groupOf(request, account).arn}:log-stream:${name}` };
}

function checkName(name: string): void {
  if (name.length > MAX_NAME) {
    throw invalid(`Invalid LogGroup or LogStream, both must have length less than or equal to ${MAX_NAME}.`);
  }
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
