import { ApiError, found } from '../../gateway/errors';
import { requiredString } from '../../gateway/parameters';
import type { Service } from '../../gateway/service';
import model from './model.json';

/** AWS Lambda: Invoke (Lambda API reference). */
export const lambda: Service<'functions'> = {
  name: 'lambda',
  model,
  operations: {
    async Invoke(request, { accountId, functions, authorize }) {
      const name = requiredString(request.parameters, 'FunctionName');
      const resource = `arn:aws:lambda:${request.region}:${accountId}:function:${name}`;
      await authorize(request, { action: 'lambda:InvokeFunction', resource });
      const missing = new ApiError('ResourceNotFoundException', `Function not found: ${name}`, 404);
      const { payload, functionError } = await found(functions.get(name), missing).invoke(request.payload);
      return { Payload: payload ?? null, FunctionError: functionError };
    },
  },
};
