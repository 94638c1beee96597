import { ApiError } from '../errors';
import { asParameters, readBody, textAnswer } from './body';
import type { Protocol } from './protocol';

/** The JSON services' codes for errors that IAM and STS name differently (API references, "CommonErrors"). */
const JSON_CODES: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDeniedException',
  ExpiredToken: 'ExpiredTokenException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  Throttling: 'ThrottlingException',
  InvalidAction: 'UnknownOperationException',
};

/** The error under the code of a JSON service; those codes have the status 400. */
export function inJsonCodes(error: ApiError): ApiError {
  const code = JSON_CODES[error.code];
  return code === undefined ? error : new ApiError(code, error.message, 400);
}

/** The AWS JSON protocols 1.0 and 1.1: the operation is in the header `x-amz-target`. */
export const json: Protocol = {
  speaks: ({ headers }) => headers['x-amz-target'] !== undefined,
  decode: (request) => {
    const target = String(request.headers['x-amz-target']);
    const parameters = readBody(request, (body) =>
      body.length === 0 ? {} : asParameters(JSON.parse(body.toString('utf8'))),
    );
    return { operation: target.slice(target.lastIndexOf('.') + 1), parameters };
  },
  encode: (output, { requestId, contentType }) =>
    textAnswer(200, contentType, requestId, JSON.stringify(output ?? {})),
  encodeError: ({ code, message, status }, { requestId, contentType }) => {
    const { headers, body } = textAnswer(
      status,
      contentType,
      requestId,
      JSON.stringify({ __type: code, message }),
    );
    return { status, headers: { ...headers, 'x-amzn-errortype': code }, body };
  },
  rename: inJsonCodes,
  otherShape: Buffer.from('{"other":{"thing":1}}'),
};
