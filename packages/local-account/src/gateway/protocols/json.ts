import { ApiError, attempt } from '../errors';
import { asParameters, type Protocol, readBody, textAnswer } from './protocol';

/** The JSON services' codes for errors that IAM and STS name differently (API references, "CommonErrors"). */
const JSON_CODES: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDeniedException',
  ExpiredToken: 'ExpiredTokenException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  Throttling: 'ThrottlingException',
  InvalidAction: 'UnknownOperationException',
};

const CONTENT_TYPE = 'application/x-amz-json-1.1';

const NOTATION = { isText: false, malformed: 'SerializationException' };

/** The AWS JSON protocols 1.0 and 1.1: the operation is in the header `x-amz-target`. */
export const json: Protocol = {
  speaks: ({ headers }) => headers['x-amz-target'] !== undefined,
  notation: NOTATION,
  decode: (request) => {
    const target = String(request.headers['x-amz-target']);
    const parameters = readBody(request, NOTATION.malformed, (text) =>
      text === '' ? {} : asParameters(JSON.parse(text)),
    );
    return { operation: target.slice(target.lastIndexOf('.') + 1), parameters };
  },
  encode: (output, { requestId }) => textAnswer(200, CONTENT_TYPE, requestId, JSON.stringify(output ?? {})),
  encodeError: ({ code, message, status }, { requestId, service }) => {
    // The member's name in the API's model.
    const member = service === 'cloudcontrolapi' ? 'Message' : 'message';
    const text = JSON.stringify({ __type: code, [member]: message });
    const { headers, body } = textAnswer(status, CONTENT_TYPE, requestId, text);
    return { status, headers: { ...headers, 'x-amzn-errortype': code }, body };
  },
  // These codes have the status 400.
  rename: (error) => {
    const code = JSON_CODES[error.code];
    return code === undefined ? error : new ApiError(code, error.message);
  },
};

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
