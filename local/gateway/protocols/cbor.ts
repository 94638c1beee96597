import { cbor as smithy } from '@smithy/core/cbor';
import { asParameters, readBody } from './body';
import { inJsonCodes } from './json';
import type { HttpAnswer, Protocol } from './protocol';

const OPERATION = /\/operation\/([^/?]+)/;

/** Smithy's RPC v2 CBOR: the operation is in the path. */
export const cbor: Protocol = {
  speaks: ({ headers }) => headers['smithy-protocol'] === 'rpc-v2-cbor',
  decode: (request) => ({
    operation: OPERATION.exec(request.url)?.[1] ?? '',
    parameters: readBody(request, (body) => asParameters(smithy.deserialize(body))),
  }),
  encode: (output, { requestId }) => answer(200, output ?? {}, requestId),
  encodeError: ({ code, message, status }, { requestId }) =>
    answer(status, { __type: code, message }, requestId),
  rename: inJsonCodes,
  otherShape: Buffer.from([0xa1, 0x61, 0x78, 0x01]),
};

function answer(status: number, value: Record<string, unknown>, requestId: string): HttpAnswer {
  const headers = {
    'content-type': 'application/cbor',
    'smithy-protocol': 'rpc-v2-cbor',
    'x-amzn-requestid': requestId,
  };
  return { status, headers, body: Buffer.from(smithy.serialize(value)) };
}
