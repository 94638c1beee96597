import { sleep } from '../clock';
import type { Call, Moment } from './call';
import { ApiError } from './errors';
import { faultError, type Garbage } from './faults';
import type { Gateway } from './gateway';
import { identify, type Target } from './identify';
import { readInput } from './input';
import type { HttpAnswer, HttpRequest } from './protocols/protocol';
import type { ApiRequest, Output } from './service';

/** An answer; without one, the connection is cut. */
type Outcome = HttpAnswer | undefined;

/** Serves a request, from HTTP to HTTP. @param id The request's name on the clock. */
export async function serve(gateway: Gateway, id: string, request: HttpRequest): Promise<Outcome> {
  const target = identify(gateway, request);
  const { call } = target;
  gateway.calls.push(call);
  await keepWaiting(gateway, id, gateway.latencyMs);
  const isStopped = await observe(gateway, id, { phase: 'before', call });
  const answer = isStopped ? undefined : await withFault(gateway, id, target);
  const isLost = isStopped || (await observe(gateway, id, { phase: 'after', call }));
  const outcome = isLost ? undefined : answer;
  call.status = outcome?.status ?? 0;
  call.finishedAt = Date.now();
  return outcome;
}

/** @returns Whether an observer wants the connection cut. */
async function observe(gateway: Gateway, id: string, moment: Moment): Promise<boolean> {
  let isDropped = false;
  for (const observer of gateway.observers) {
    isDropped = (await held(gateway, id, () => observer(moment))) === 'drop' || isDropped;
  }
  return isDropped;
}

/** Keeps a request waiting by the account's clock. */
async function keepWaiting(gateway: Gateway, id: string, milliseconds: number): Promise<void> {
  if (milliseconds > 0) {
    await held(gateway, id, () => sleep(gateway.clock, milliseconds));
  }
}

/** Waits while time can pass for the request. */
async function held<T>({ clock }: Gateway, id: string, wait: () => T): Promise<Awaited<T>> {
  const release = clock.hold(id);
  const result = await wait();
  release();
  return result;
}

/** Makes the call's fault, if it has one. This is the only place where faults are made. */
async function withFault(gateway: Gateway, id: string, target: Target): Promise<Outcome> {
  const { call, caller } = target;
  const fault = gateway.faults.next(call, rolesOf(gateway, call));
  if (!fault) {
    return operate(gateway, target);
  }
  call.fault = fault.kind;
  switch (fault.kind) {
    case 'delay':
      await keepWaiting(gateway, id, fault.ms);
      return operate(gateway, target);
    case 'hang':
      await keepWaiting(gateway, id, Number.POSITIVE_INFINITY);
      return undefined;
    case 'drop':
      if (fault.when === 'after') {
        await operate(gateway, target);
      }
      return undefined;
    case 'garbage': {
      const answer = await operate(gateway, target);
      return answer && garbled(answer, fault.garble(answer.body.toString()));
    }
    default: {
      const action = actionOf(gateway, call);
      return refuse(target, faultError(fault, call.service, caller?.arn ?? 'unknown', action));
    }
  }
}

function garbled(answer: HttpAnswer, { status = 200, headers, body }: Garbage): HttpAnswer {
  return { status, headers: { ...answer.headers, ...headers }, body: Buffer.from(body) };
}

/** The roles that a call concerns: the caller and the role that it names. */
function rolesOf({ roles }: Gateway, { caller, parameters: { RoleArn, RoleName } }: Call): string[] {
  const named = typeof RoleName === 'string' ? roles.get(RoleName)?.arn : undefined;
  return [caller, RoleArn, named].filter((arn) => typeof arn === 'string');
}

/** What the service answers, in its protocol. */
async function operate(gateway: Gateway, target: Target): Promise<Outcome> {
  if (gateway.isClosed) {
    return undefined;
  }
  try {
    return target.protocol.encode(await perform(gateway, target), target.call);
  } catch (error) {
    if (error instanceof ApiError) {
      const { validationError = error.code } = gateway.services.get(target.call.service) ?? {};
      const isOther = error.code === 'ValidationError';
      return refuse(target, isOther ? new ApiError(validationError, error.message) : error);
    }
    // An error of the local account, not an answer of AWS: report it.
    console.error('local account:', error);
    return refuse(target, new ApiError('InternalFailure', `local account: ${String(error)}`));
  }
}

async function perform(gateway: Gateway, target: Target): Promise<Output> {
  const { call, caller, payload, refusal, protocol } = target;
  if (refusal || !caller) {
    throw refusal ?? new Error(`${call.service}:${call.operation} has no caller`);
  }
  const { operation, region, parameters } = call;
  const request: ApiRequest = { operation, region, parameters, payload, caller };
  const service = gateway.services.get(call.service);
  const act = new Map(Object.entries(service?.operations ?? {})).get(operation);
  if (service && act) {
    const input = readInput(service, operation, parameters, protocol.notation);
    return act({ ...request, parameters: input }, gateway);
  }
  // Policies come first: the caller is denied even if the local account does not support the operation.
  if (/^[A-Z]\w*$/.test(operation)) {
    await gateway.authorize(request, { action: actionOf(gateway, call) });
  }
  throw new ApiError('InvalidAction', `The local account does not support ${call.service}:${operation}`);
}

/** A call's action, as IAM names it. */
function actionOf({ services }: Gateway, { service, operation }: Call): string {
  return `${services.get(service)?.actionPrefix ?? service}:${operation}`;
}

function refuse({ protocol, call }: Target, error: ApiError): HttpAnswer {
  const named = protocol.rename?.(error) ?? error;
  call.errorCode = named.code;
  return protocol.encodeError(named, call);
}
