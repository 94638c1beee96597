import type { AccountIdentity } from '../../account-identity';
import { ApiError } from '../../gateway/errors';
import { requiredString } from '../../gateway/parameters';
import type { Authorize, Service } from '../../gateway/service';
import type { LambdaFunction } from './function';

/** Functions by name. */
export type Functions = Map<string, Pick<LambdaFunction, 'invoke'>>;

/** What Lambda works with. */
interface LambdaState {
  readonly identity: AccountIdentity;
  readonly functions: Functions;
  readonly authorize: Authorize;
}

/** AWS Lambda: Invoke (Lambda API reference). */
export function lambdaService({ identity, functions, authorize }: LambdaState): Service {
  const { partition, accountId } = identity;
  return {
    name: 'lambda',
    actionPrefix: 'lambda',
    operations: {
      async Invoke(request) {
        const name = requiredString(request.parameters, 'FunctionName');
        const resource = `arn:${partition}:lambda:${request.region}:${accountId}:function:${name}`;
        await authorize(request, { action: 'lambda:InvokeFunction', resource });
        const invocable = functions.get(name);
        if (!invocable) {
          throw new ApiError('ResourceNotFoundException', `Function not found: ${name}`, 404);
        }
        const { payload, functionError } = await invocable.invoke(request.payload);
        return { Payload: payload ?? null, FunctionError: functionError };
      },
    },
  };
}
