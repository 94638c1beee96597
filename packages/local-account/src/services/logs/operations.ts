import { ApiError, found, invalid } from '../../gateway/errors';
import { list, optionalNumber, optionalString, page, requiredString } from '../../gateway/parameters';
import type { AccountWith, ApiRequest, Operation, Output, Parameters, Service } from '../../gateway/service';
import model from './model.json';
import type { LogEvent, LogGroup } from './store';

/** The log group that a request is about, whether it exists or not, and the stream, if it names one. */
interface Target {
  readonly groups: Map<string, LogGroup>;
  readonly group: string;
  readonly stream: string;
  readonly arn: string;
}

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
    CreateLogGroup: allowed(({ groups, group, arn }): undefined => {
      refuseTaken('log group', group, groups);
      groups.set(group, { arn, creationTime: Date.now(), streams: new Map() });
    }),
    CreateLogStream: allowed((target): undefined => {
      const { stream, arn } = target;
      const all = streamsOf(target);
      refuseTaken('log stream', stream, all);
      all.set(stream, { arn, creationTime: Date.now(), events: [] });
    }),
    DeleteLogGroup: allowed(({ groups, group }): undefined => {
      if (!groups.delete(group)) {
        throw missing('log group');
      }
    }),
    DescribeLogGroups: describeLogGroups,
    DescribeLogStreams: allowed((target, parameters) => {
      const shown = byPrefix(parameters, 'logStreamNamePrefix', streamsOf(target)).map(
        ([logStreamName, { arn, creationTime }]) => ({ logStreamName, arn, creationTime, storedBytes: 0 }),
      );
      return page(parameters, 'logStreams', shown, PAGE_SIZE);
    }),
    FilterLogEvents: allowed(filterLogEvents),
    GetLogEvents: allowed(getLogEvents),
    PutLogEvents: allowed(putLogEvents),
  },
};

/** An operation on a group or a stream, for callers who may call it. */
function allowed(act: (target: Target, parameters: Parameters) => Output): Operation<'logs'> {
  return async (request, account) => {
    const target = targetOf(request, account);
    await account.authorize(request, { action: `logs:${request.operation}`, resource: target.arn });
    return act(target, request.parameters);
  };
}

/** What a request names, or gives the ARN of. @throws ApiError InvalidParameterException, ValidationException */
function targetOf({ parameters, region }: ApiRequest, { accountId, logs }: AccountWith<'logs'>): Target {
  const identifier = optionalString(parameters, 'logGroupIdentifier');
  if (identifier !== undefined && parameters.logGroupName !== undefined) {
    const message = 'LogGroup name and LogGroup ARN are mutually exclusive parameters.';
    throw new ApiError('ValidationException', message);
  }
  const prefix = `arn:aws:logs:${region}:${accountId}:log-group:`;
  const group = identifier?.replace(prefix, '') ?? requiredString(parameters, 'logGroupName');
  const stream = optionalString(parameters, 'logStreamName') ?? '';
  if (Math.max(group.length, stream.length) > MAX_NAME) {
    throw invalid(`Invalid LogGroup or LogStream, both must have length less than or equal to ${MAX_NAME}.`);
  }
  const arn = `${prefix}${group}${stream && `:log-stream:${stream}`}`;
  return { groups: logs.groups(region), group, stream, arn };
}

async function describeLogGroups(request: ApiRequest, { logs, authorize }: AccountWith<'logs'>) {
  const { parameters, region } = request;
  const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = parameters;
  if (prefix !== undefined && pattern !== undefined) {
    throw invalid('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
  }
  await authorize(request, { action: 'logs:DescribeLogGroups' });
  // With a pattern, AWS leaves these out (localstack/localstack, test_describe_log_groups_with_pattern).
  const others = pattern === undefined && { deletionProtectionEnabled: false, storedBytes: 0 };
  const groups = byPrefix(parameters, 'logGroupNamePrefix', logs.groups(region))
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
  return page(parameters, 'logGroups', groups, PAGE_SIZE);
}

function filterLogEvents(target: Target, parameters: Parameters): Output {
  const names = list<string>(parameters, 'logStreamNames');
  const isWanted = filterOf(optionalString(parameters, 'filterPattern') ?? '');
  const events = byPrefix(parameters, 'logStreamNamePrefix', streamsOf(target))
    .filter(([name]) => names.length === 0 || names.includes(name))
    .flatMap(([logStreamName, { events }]) =>
      events.map((event, index) => {
        const eventId = `${event.timestamp}${String(index).padStart(43, '0')}`;
        return { logStreamName, ...event, eventId };
      }),
    )
    .filter((event) => isInTime(parameters, event) && isWanted(event.message))
    .sort((one, other) => one.timestamp - other.timestamp);
  return { ...page(parameters, 'events', events, EVENTS_SIZE), searchedLogStreams: [] };
}

/** Pages of a stream, by default its end; with `nextToken`, those before it or after it. */
function getLogEvents(target: Target, parameters: Parameters): Output {
  const stream = found(streamsOf(target).get(target.stream), missing('log stream'));
  const events = stream.events.filter((event) => isInTime(parameters, event));
  const limit = optionalNumber(parameters, 'limit') ?? EVENTS_SIZE.default;
  const first = parameters.startFromHead === true ? 'f/0' : `b/${events.length}`;
  const token = optionalString(parameters, 'nextToken') ?? first;
  const [, direction, place] = /^([fb])\/(\d+)$/.exec(token) ?? [];
  if (place === undefined || Number(place) > events.length) {
    throw invalid('The specified nextToken is invalid.');
  }
  const start = direction === 'f' ? Number(place) : Math.max(0, Number(place) - limit);
  const end = direction === 'f' ? Math.min(events.length, start + limit) : Number(place);
  return { events: events.slice(start, end), nextForwardToken: `f/${end}`, nextBackwardToken: `b/${start}` };
}

function isInTime({ startTime, endTime }: Parameters, { timestamp }: LogEvent): boolean {
  // API reference, FilterLogEvents: events later than the end are left out.
  return timestamp >= Number(startTime ?? 0) && timestamp <= Number(endTime ?? Number.POSITIVE_INFINITY);
}

/**
 * Whether a message has all terms of a filter pattern (CloudWatch Logs user guide, "FilterAndPatternSyntax").
 *
 * @throws ApiError InvalidParameterException for patterns of other kinds, which the local account does not support.
 */
function filterOf(pattern: string): (message: string) => boolean {
  if (/^\s*[{[%]|(^|\s)[?-]/.test(pattern)) {
    throw invalid(`The local account does not support the filter pattern ${pattern}`);
  }
  const terms = [...pattern.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
  return (message) => terms.every((term) => message.includes(term));
}

function putLogEvents(target: Target, parameters: Parameters): Output {
  const events = list<LogEvent>(parameters, 'logEvents');
  checkBatch(events);
  const stream = found(streamsOf(target).get(target.stream), missing('log stream'));
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
  const sizes = events.map(({ message }) => Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
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

function streamsOf({ groups, group }: Target): LogGroup['streams'] {
  return found(groups.get(group), missing('log group')).streams;
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
function byPrefix<T>(parameters: Parameters, member: string, all: Map<string, T>): [string, T][] {
  const prefix = optionalString(parameters, member) ?? '';
  return [...all].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
}
