import { ApiError, attempt } from '../errors';
import { json } from './json';
import type { Protocol } from './protocol';

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations/;

/** AWS Lambda's REST protocol, as far as Invoke goes (Lambda API reference). */
export const lambda: Protocol = {
  ...json,
  speaks: ({ url }) => INVOKE_PATH.test(url),
  decode: ({ url, body }) =>
    attempt(
      () => ({
        operation: 'Invoke',
        parameters: { FunctionName: decodeURIComponent(INVOKE_PATH.exec(url)?.[1] ?? '') },
        payload: body.length === 0 ? {} : JSON.parse(body.toString('utf8')),
      }),
      (error) => new ApiError('InvalidRequestContentException', String(error)),
    ),
  encode: (output, { requestId }) => {
    const { Payload, FunctionError } = output ?? {};
    const headers = {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amz-executed-version': '$LATEST',
      ...(FunctionError !== undefined && { 'x-amz-function-error': String(FunctionError) }),
    };
    return { status: 200, headers, body: Buffer.from(JSON.stringify(Payload ?? null)) };
  },
};
