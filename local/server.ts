import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type AccountState, type ApiRequest, type Caller, callerOf, type Service } from './account-state';
import { authorize } from './authorize';
import { type Clock, RequestIds, sleep } from './clock';
import { faultError, garble, inDialect } from './dialect';
import { ApiError } from './errors';
import type { Fault, Faults } from './faults';
import { isAction } from './policies';
import { type Buckets, type S3Request, s3Access } from './registry-s3';
import { decode, encodeError, encodeOutput, type HttpAnswer, type Parameters, type Protocol } from './wire';

/** One API call as the account saw it. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  /** The principal's ARN, or nothing where the caller is not known. */
  readonly caller: string | undefined;
  /** The request's members; for Lambda only the function's name, as events bear credentials. */
  readonly parameters: Parameters;
  readonly requestId: string;
  readonly startedAt: number;
  /** The HTTP status; 0 as long as nothing was answered, and for good when the connection was cut. */
  status: number;
  errorCode?: string;
  fault?: Fault['kind'];
  finishedAt?: number;
}

/** A call before it takes effect, or after it did and before it is answered. */
export interface Moment {
  readonly phase: 'before' | 'after';
  readonly call: Call;
}

/**
 * Told of both moments of each call; the call waits for it. What it gives back matters only when it is `drop`:
 * the connection is cut, and before the call that means no effect, as if its sender had died first.
 */
export type Observer = (moment: Moment) => unknown;

/** Something that the Lambda Invoke API can run. */
export interface Invocable {
  invoke(event: unknown): Promise<{ payload: unknown; functionError?: 'Unhandled' }>;
}

/** What the server works with. */
export interface Wiring {
  readonly state: AccountState;
  readonly faults: Faults;
  readonly functions: ReadonlyMap<string, Invocable>;
  /** By the name that stands in a signature's credential scope. */
  readonly services: Readonly<Record<string, Service>>;
  readonly buckets: Buckets;
  readonly observers: ReadonlySet<Observer>;
  readonly latencyMs: number;
  readonly clock: Clock;
  /** Whether the account has stopped answering; what is still under way has no effect then. */
  isClosed(): boolean;
  record(call: Call): void;
}

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations/;
const CBOR_PATH = /\/operation\/([^/?]+)/;
const SCOPE = /Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** An account's HTTP endpoint on loopback. Port 0 takes a free one. */
export async function listen(wiring: Wiring, port: number): Promise<Server> {
  const ids = new RequestIds<Socket>();
  // A connection that is closed here while a request is on its way would be a fault that nobody asked for.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const id = ids.next(request.socket, request.socket.remotePort);
    handle(wiring, id, request, response).catch((error: unknown) => {
      // A fault of this account, not one that it was told to make: it must show, not look like AWS.
      console.error('local account:', error);
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`local account: ${String(error)}`);
    });
  });
  // An account alone keeps no program from ending.
  server.unref().on('connection', (socket: Socket) => socket.unref());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function handle(
  wiring: Wiring,
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = await readTarget(request);
  const { service, protocol, region } = target;
  let caller: Caller | undefined;
  let refusal: ApiError | undefined = target.problem;
  try {
    if (!refusal && protocol !== 'lambda') caller = findCaller(request, wiring.state);
  } catch (error) {
    refusal = expected(error);
  }
  const call: Call = {
    service,
    operation: target.operation,
    region,
    caller: caller?.principalArn,
    parameters: target.parameters,
    requestId: randomUUID(),
    startedAt: Date.now(),
    status: 0,
  };
  wiring.record(call);
  if (wiring.latencyMs > 0) await keepWaiting(wiring, id, wiring.latencyMs);
  if (await tell(wiring, id, 'before', call)) return cut(request, call);
  const fault = wiring.faults.next({ ...call, roleArns: rolesOf(call, wiring.state) });
  if (fault) call.fault = fault.kind;
  if (fault?.kind === 'delay') await keepWaiting(wiring, id, fault.ms);
  if (fault?.kind === 'hang') await keepWaiting(wiring, id, Number.POSITIVE_INFINITY);
  if (fault && 'when' in fault && fault.when === 'before' && fault.kind === 'drop') return cut(request, call);
  const instead = fault && faultError(fault, service, call.operation, caller?.arn ?? 'unknown');
  const spoiled = fault?.kind === 'garbage' ? fault : undefined;
  if (wiring.isClosed()) return cut(request, call);
  const answer =
    spoiled?.when === 'before'
      ? encodeOutput(protocol, call.operation, undefined, call.requestId, target.contentType)
      : await answerTo(wiring, target, call, caller, instead ?? refusal);
  const dropped = await tell(wiring, id, 'after', call);
  if (dropped || fault?.kind === 'drop') return cut(request, call);
  send(response, spoiled ? garble(answer, spoiled.variant, protocol) : answer, call);
}

async function answerTo(
  wiring: Wiring,
  target: Target,
  call: Call,
  caller: Caller | undefined,
  refusal: ApiError | undefined,
): Promise<HttpAnswer> {
  const { protocol, contentType } = target;
  try {
    if (refusal) throw refusal;
    if (protocol === 'lambda') return await invoke(wiring, target, call);
    if (!caller) throw new Error(`${call.service}:${call.operation} has no caller`);
    if (target.s3) {
      await authorize({ ...call, caller }, s3Access(target.s3), wiring.state);
      return wiring.buckets.handle(target.s3);
    }
    const operation = wiring.services[call.service]?.[call.operation];
    if (!operation) return await refuseUnknown({ ...call, caller }, wiring.state);
    const output = await operation({ ...call, caller }, wiring.state);
    return encodeOutput(protocol, call.operation, output, call.requestId, contentType);
  } catch (error) {
    const known = inDialect(expected(error), protocol);
    call.errorCode = known.code;
    return encodeError(protocol, known, call.requestId, contentType);
  }
}

/** Where IAM's prefix is not the service's name. */
const ACTION_PREFIXES: Readonly<Record<string, string>> = {
  monitoring: 'cloudwatch',
  cloudcontrolapi: 'cloudformation',
};

/** Policies come first: what the caller may not do is denied even where the local account could not do it. */
async function refuseUnknown(request: ApiRequest & { service: string }, state: AccountState): Promise<never> {
  const { service, operation } = request;
  const action = `${ACTION_PREFIXES[service] ?? service}:${operation}`;
  if (await isAction(action)) await authorize(request, { action }, state);
  throw new ApiError('InvalidAction', `The local account does not know ${service}:${operation}`);
}

async function invoke(wiring: Wiring, target: Target, call: Call): Promise<HttpAnswer> {
  const name = String(target.parameters.FunctionName);
  const invocable = wiring.functions.get(name);
  if (!invocable) throw new ApiError('ResourceNotFoundException', `Function not found: ${name}`, 404);
  const { payload, functionError } = await invocable.invoke(target.event);
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-amzn-requestid': call.requestId,
    'x-amz-executed-version': '$LATEST',
  };
  if (functionError) headers['x-amz-function-error'] = functionError;
  return { status: 200, headers, body: Buffer.from(JSON.stringify(payload ?? null)) };
}

interface Target {
  service: string;
  operation: string;
  region: string;
  protocol: Protocol;
  parameters: Parameters;
  contentType: string;
  /** The event, for the Lambda Invoke API. */
  event?: unknown;
  /** The request as S3 reads it. */
  s3?: S3Request;
  /** Why the request cannot be served, whoever sends it. */
  problem?: ApiError;
}

async function readTarget(request: IncomingMessage): Promise<Target> {
  const { headers, url = '/' } = request;
  const body = await readBody(request);
  const scope = SCOPE.exec(headers.authorization ?? '');
  const region = scope?.[2] ?? 'us-east-1';
  const functionName = INVOKE_PATH.exec(url)?.[1];
  const target = headers['x-amz-target'];
  const protocol = protocolOf(request, scope?.[3]);
  const base: Target = {
    service: scope?.[3] ?? (functionName === undefined ? 'unknown' : 'lambda'),
    operation: '',
    region,
    protocol,
    parameters: {},
    contentType: headers['content-type'] ?? 'application/x-amz-json-1.1',
  };
  if (protocol === 's3') {
    const { method = 'GET' } = request;
    return { ...base, operation: `${method} ${url}`, s3: { method, url, headers, body } };
  }
  if (functionName !== undefined) {
    const parameters = { FunctionName: decodeURIComponent(functionName) };
    const called = { ...base, operation: 'Invoke', parameters, contentType: 'application/json' };
    try {
      return { ...called, event: body.length === 0 ? {} : JSON.parse(body.toString('utf8')) };
    } catch (error) {
      return { ...called, problem: new ApiError('InvalidRequestContentException', String(error)) };
    }
  }
  try {
    const { operation, parameters } = decode(protocol, body, headers['content-encoding']);
    const inPath = protocol === 'cbor' ? CBOR_PATH.exec(url)?.[1] : undefined;
    const inHeader = typeof target === 'string' ? target.slice(target.lastIndexOf('.') + 1) : undefined;
    return { ...base, operation: operation ?? inPath ?? inHeader ?? '', parameters };
  } catch (error) {
    return { ...base, problem: expected(error) };
  }
}

function protocolOf({ headers, url = '/' }: IncomingMessage, service: string | undefined): Protocol {
  if (INVOKE_PATH.test(url)) return 'lambda';
  if (service === 's3') return 's3';
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') return 'cbor';
  return headers['x-amz-target'] === undefined ? 'query' : 'json';
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Access key and token tell the caller; the signature itself is not recomputed. */
function findCaller({ headers }: IncomingMessage, state: AccountState): Caller {
  const accessKeyId = SCOPE.exec(headers.authorization ?? '')?.[1];
  if (accessKeyId === undefined) {
    throw new ApiError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  }
  const token = headers['x-amz-security-token'];
  return callerOf(state.sessions.find(accessKeyId, typeof token === 'string' ? token : ''), state);
}

/** The roles that a call has to do with: the calling one and the one that it names. */
function rolesOf({ caller, parameters }: Call, state: AccountState): string[] {
  const { RoleArn, RoleName } = parameters;
  const named = typeof RoleName === 'string' ? state.roles.get(RoleName)?.arn : undefined;
  return [caller, RoleArn, named].filter((arn): arn is string => typeof arn === 'string');
}

/** @returns whether an observer wants the connection cut. */
async function tell(
  { observers, clock }: Wiring,
  id: string,
  phase: Moment['phase'],
  call: Call,
): Promise<boolean> {
  let dropped = false;
  for (const observer of observers) {
    const release = clock.hold(id);
    dropped = (await observer({ phase, call })) === 'drop' || dropped;
    release();
  }
  return dropped;
}

/** Keeps a request waiting by the account's clock. */
async function keepWaiting({ clock }: Wiring, id: string, milliseconds: number): Promise<void> {
  const release = clock.hold(id);
  await sleep(clock, milliseconds);
  release();
}

function send(response: ServerResponse, answer: HttpAnswer, call: Call): void {
  call.status = answer.status;
  call.finishedAt = Date.now();
  response
    .writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length })
    .end(answer.body);
}

function cut(request: IncomingMessage, call: Call): void {
  call.finishedAt = Date.now();
  request.socket.destroy();
}

/** Errors that AWS would answer; everything else is a fault of this account and goes on. */
function expected(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  throw error;
}
