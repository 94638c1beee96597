import { ApiError } from '../../gateway/errors';
import { requiredString } from '../../gateway/parameters';
import type { AccountIdentity, ApiRequest, Authorize, Output, Service } from '../../gateway/service';
import type { InvocationResult } from './function';

/** A function that Invoke can run. */
export interface Invocable {
  invoke(event: unknown): Promise<InvocationResult>;
}

/** What Lambda's operations work with. */
export interface LambdaState {
  readonly identity: AccountIdentity;
  /** By their names. */
  readonly functions: ReadonlyMap<string, Invocable>;
  readonly authorize: Authorize;
}

/** AWS Lambda: Invoke (Lambda API reference). */
export function lambdaService(state: LambdaState): Service {
  return {
    name: 'lambda',
    actionPrefix: 'lambda',
    operations: { Invoke: (request) => invoke(request, state) },
  };
}

async function invoke(request: ApiRequest, { identity, functions, authorize }: LambdaState): Promise<Output> {
  const name = requiredString(request.parameters, 'FunctionName');
  const resource = `arn:${identity.partition}:lambda:${request.region}:${identity.accountId}:function:${name}`;
  await authorize(request, { action: 'lambda:InvokeFunction', resource });
  const invocable = functions.get(name);
  if (!invocable) {
    throw new ApiError('ResourceNotFoundException', `Function not found: ${name}`, 404);
  }
  const { payload, functionError } = await invocable.invoke(request.payload);
  return { Payload: payload ?? null, FunctionError: functionError };
}
