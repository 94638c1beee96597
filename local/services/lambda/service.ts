import type { AccountIdentity } from '../../account-identity';
import { ApiError } from '../../gateway/errors';
import { requiredString } from '../../gateway/parameters';
import type { ApiRequest, Authorize, Output, Service } from '../../gateway/service';
import type { LambdaFunction } from './function';

/** Functions by name. */
export type Functions = Map<string, Pick<LambdaFunction, 'invoke'>>;

interface LambdaState {
  readonly identity: AccountIdentity;
  readonly functions: Functions;
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
