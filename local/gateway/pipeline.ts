import { randomUUID } from 'node:crypto';
import { sleep } from '../clock';
import type { Call, Moment } from './call';
import { ApiError } from './errors';
import { type ErrorFault, faultError, garble } from './fault-answers';
import type { Fault } from './faults';
import type { Gateway } from './gateway';
import { identify, type Target } from './identify';
import type { HttpAnswer, HttpRequest } from './protocols/protocol';
import type { ApiRequest } from './service';

/** The connection is cut instead of an answer. */
export const CUT = 'cut';

/** An answer, or {@link CUT}. */
export type Outcome = HttpAnswer | typeof CUT;

/**
 * The way of a request from HTTP to HTTP.
 *
 * @param id The request's name on the clock, see `RequestIds`.
 */
export async function serve(gateway: Gateway, id: string, request: HttpRequest): Promise<Outcome> {
  const target = identify(gateway, request);
  const call = record(gateway, target);
  await keepWaiting(gateway, id, gateway.latencyMs);
  const isStopped = await observe(gateway, id, { phase: 'before', call });
  const outcome = isStopped ? CUT : await withFault(gateway, id, target, call);
  const isLost = !isStopped && (await observe(gateway, id, { phase: 'after', call }));
  return finish(call, isLost ? CUT : outcome);
}

function record(gateway: Gateway, { service, operation, region, caller, parameters }: Target): Call {
  const call: Call = {
    service,
    operation,
    region,
    caller: caller?.principalArn,
    parameters,
    requestId: randomUUID(),
    startedAt: Date.now(),
    status: 0,
  };
  gateway.record(call);
  return call;
}

/** @returns Whether an observer wants the connection cut. */
async function observe({ observers, clock }: Gateway, id: string, moment: Moment): Promise<boolean> {
  let isDropped = false;
  for (const observer of observers) {
    const release = clock.hold(id);
    isDropped = (await observer(moment)) === 'drop' || isDropped;
    release();
  }
  return isDropped;
}

/** Keeps a request waiting by the account's clock. */
async function keepWaiting({ clock }: Gateway, id: string, milliseconds: number): Promise<void> {
  if (milliseconds > 0) {
    const release = clock.hold(id);
    await sleep(clock, milliseconds);
    release();
  }
}

/** Makes the call's fault, if it has one. This is the only place where faults are made. */
async function withFault(gateway: Gateway, id: string, target: Target, call: Call): Promise<Outcome> {
  const fault = gateway.faults.next({ ...call, roleArns: gateway.rolesOf(call) });
  if (!fault) {
    return operate(gateway, target, call);
  }
  call.fault = fault.kind;
  switch (fault.kind) {
    case 'delay':
      await keepWaiting(gateway, id, fault.ms);
      return operate(gateway, target, call);
    case 'hang':
      await keepWaiting(gateway, id, Number.POSITIVE_INFINITY);
      return CUT;
    case 'drop':
      if (fault.when === 'after') {
        await operate(gateway, target, call);
      }
      return CUT;
    case 'garbage':
      return spoil(gateway, target, call, fault);
    default:
      return refuse(target, call, errorOf(fault, target));
  }
}

function errorOf(fault: ErrorFault, { service, operation, caller }: Target): ApiError {
  return faultError(fault, { service, operation, callerArn: caller?.arn ?? 'unknown' });
}

async function spoil(
  gateway: Gateway,
  target: Target,
  call: Call,
  { variant, when }: Extract<Fault, { kind: 'garbage' }>,
): Promise<Outcome> {
  const { protocol } = target;
  const answer =
    when === 'before'
      ? protocol.encode(undefined, { ...target, requestId: call.requestId })
      : await operate(gateway, target, call);
  return answer === CUT ? CUT : garble(answer, variant, protocol);
}

/** What the service answers, in its protocol. */
async function operate(gateway: Gateway, target: Target, call: Call): Promise<Outcome> {
  if (gateway.isClosed()) {
    return CUT;
  }
  try {
    const output = await perform(gateway, target);
    return target.protocol.encode(output, { ...target, requestId: call.requestId });
  } catch (error) {
    if (error instanceof ApiError) {
      return refuse(target, call, error);
    }
    throw error;
  }
}

/** @throws ApiError */
async function perform(gateway: Gateway, { service, caller, refusal, ...target }: Target) {
  if (refusal) {
    throw refusal;
  }
  if (!caller) {
    throw new Error(`${service}:${target.operation} has no caller`);
  }
  const request: ApiRequest = { ...target, caller };
  const operation = gateway.services.get(service)?.operations[request.operation];
  return operation ? operation(request) : refuseUnknown(gateway, service, request);
}

/** Policies come first: the caller is denied even if the local account does not support the operation. */
async function refuseUnknown(gateway: Gateway, service: string, request: ApiRequest): Promise<never> {
  const { operation } = request;
  const action = `${gateway.services.get(service)?.actionPrefix ?? service}:${operation}`;
  if (await gateway.isAction(action)) {
    await gateway.authorize(request, { action });
  }
  throw new ApiError('InvalidAction', `The local account does not support ${service}:${operation}`);
}

function refuse(target: Target, call: Call, error: ApiError): HttpAnswer {
  const named = target.protocol.rename(error);
  call.errorCode = named.code;
  return target.protocol.encodeError(named, { ...target, requestId: call.requestId });
}

function finish(call: Call, outcome: Outcome): Outcome {
  call.finishedAt = Date.now();
  if (outcome !== CUT) {
    call.status = outcome.status;
  }
  return outcome;
}
