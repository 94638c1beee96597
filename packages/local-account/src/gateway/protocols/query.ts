import { isObject } from '../model';
import type { Parameters } from '../service';
import { asParameters, type Protocol, readBody, textAnswer, toXml } from './protocol';

const NOTATION = { isText: true, malformed: 'MalformedInput' };

/** The AWS Query protocol of STS, IAM and CloudFormation: forms in, XML out. */
export const query: Protocol = {
  notation: NOTATION,
  decode: (request) => readBody(request, NOTATION.malformed, decodeForm),
  encode: (output, { operation, requestId }) => {
    const result = output ? `<${operation}Result>${toXml(output)}</${operation}Result>` : '';
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    const xml = `<${operation}Response>${result}${metadata}</${operation}Response>`;
    return textAnswer(200, 'text/xml', requestId, xml);
  },
  encodeError: ({ code, message, status }, { requestId }) => {
    const fault = { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message };
    const xml = `<ErrorResponse>${toXml({ Error: fault, RequestId: requestId })}</ErrorResponse>`;
    return textAnswer(status, 'text/xml', requestId, xml);
  },
};

/** `A.member.1.B=x` becomes `{ A: [{ B: 'x' }] }`, since the protocol nests lists and structures this way. */
function decodeForm(text: string) {
  const root: Parameters = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.split('.');
    const last = path.pop() as string;
    let node = root;
    for (const step of path) {
      node[step] ??= Object.create(null);
      node = asParameters(node[step]);
    }
    node[last] = value;
  }
  const { Action, Version: _version, ...members } = root;
  return { operation: typeof Action === 'string' ? Action : '', parameters: listsOf(members) as Parameters };
}

function listsOf(node: unknown): unknown {
  if (!isObject(node)) {
    return node;
  }
  const entries = Object.entries(node).map(([name, value]) => [name, listsOf(value)] as const);
  const [[name, members] = []] = entries;
  if (entries.length === 1 && name === 'member') {
    const numbered = Object.entries(members as Parameters);
    return numbered.sort(([one], [other]) => Number(one) - Number(other)).map(([, value]) => value);
  }
  return Object.fromEntries(entries);
}
