import type { Service } from '../../gateway/service';
import { invoke, type LambdaState } from './operations';

/** AWS Lambda: Invoke (Lambda API reference). */
export function lambdaService(state: LambdaState): Service {
  return {
    name: 'lambda',
    actionPrefix: 'lambda',
    operations: { Invoke: (request) => invoke(request, state) },
  };
}
