import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import fc from 'fast-check';
import { NOTE, registerNote } from 'local-account/testing';
import { SaxesParser } from 'saxes';
import { LocalAccount } from '../src/account';
import type { ApiModel } from '../src/gateway/model';
import type { Service } from '../src/gateway/service';
import type { Credentials } from '../src/services/sts/store';
import { clients, createRole, deny, policy, signedBy, trust } from './support';

/* Whatever a client sends, it can read the answer: well-formed, in the protocol of its service, and no server error. */

const CALLS = 600;
/** FC_SEED tries other calls. */
const SEED = Number(process.env.FC_SEED ?? 1);
const QUERY_SERVICES = ['iam', 'sts', 'cloudformation'];
const ROLE_ARN = 'arn:aws:iam::111122223333:role/role';
const TRUST = JSON.stringify(policy(trust({ AWS: '111122223333' })));
const Condition = { StringLike: { 'aws:userid': ['*:a'] } };
const POLICY = JSON.stringify(policy({ Sid: 'a', ...deny(['ecs:*']), Condition }));
const TEMPLATE = JSON.stringify({
  Description: 'a',
  Parameters: { P: { Type: 'String', Default: 'a', AllowedValues: ['a'], MaxLength: 3 } },
  Mappings: { M: { a: { b: 'c' } } },
  Conditions: { C: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'P' }, 'b'] }] } },
  Resources: {
    Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle', DeletionPolicy: 'Delete', Condition: 'C' },
    Bucket: {
      Type: 'AWS::S3::Bucket',
      DependsOn: ['Handle'],
      Properties: { BucketName: { 'Fn::Join': ['-', [{ Ref: 'P' }, { 'Fn::Select': [0, ['a']] }]] } },
    },
  },
  Outputs: {
    O: {
      Value: { 'Fn::If': ['C', { 'Fn::GetAtt': ['Bucket', 'Arn'] }, { Ref: 'AWS::NoValue' }] },
      Export: { Name: 'e' },
    },
    Q: { Value: { 'Fn::FindInMap': ['M', { Ref: 'P' }, 'b'] } },
  },
});

/** Values that exist in the account or that operations accept, so that calls get beyond the first check. */
const KNOWN: Readonly<Record<string, string | string[]>> = {
  AssumeRolePolicyDocument: TRUST,
  Bucket: 'packages',
  ChangeSetName: 'changes',
  DesiredState: '{"Name":"a","Text":"b"}',
  ExecutionRoleArn: ROLE_ARN,
  FunctionName: 'function',
  Identifier: 'a',
  Key: 'note.zip',
  LogicalResourceId: 'Handle',
  MetricName: 'metric',
  Namespace: 'space',
  PatchDocument: '[{"op":"add","path":"/Text","value":"b"}]',
  Policy: POLICY,
  PolicyArn: 'arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role',
  PolicyDocument: POLICY,
  ResourceModel: '{"Name":"a"}',
  RoleARN: ROLE_ARN,
  RoleArn: ROLE_ARN,
  RoleName: 'role',
  SchemaHandlerPackage: 's3://packages/note.zip',
  StackName: ['stack', 'a', 'b', 'c', 'd', 'e', 'f', 'g'],
  TemplateBody: TEMPLATE,
  TemplateURL: 'https://packages.s3.amazonaws.com/note.zip',
  Type: 'RESOURCE',
  TypeName: NOTE,
  logGroupName: 'group',
  logStreamName: 'stream',
  name: 'awsvpcTrunking',
  value: 'enabled',
};

const HOSTILE = [
  ...['', ' ', '*', '%', '%ff', '\0', 'a\u0001b', '\ud800', '\uffff', '\r\n', '<&"\'>', ']]>'],
  ...['../..', '//', '?', '#', 'arn:', 'arn:aws:iam::111122223333:policy/', 'arn:aws:s3:::x'],
  ...['arn:aws:iam::111122223333:role/', 'role', 's3://', 'https://[', 'http://a b/c', 'file:///etc/passwd'],
  ...['https://x.s3.amazonaws.com/%ff', '{}', '[]', 'null', '1', '"x"', '{"a":', '{"Statement":[null]}'],
  ...['{"Resources":{"A":null}}', '[{"op":"remove"}]', '{"Resources":{"A":{"Type":1}}}'],
  '{"Statement":{"Effect":"Allow","Principal":{"AWS":[1]},"Action":1}}',
  ...['__proto__', 'constructor', 'toString', '-1', '1e999', 'NaN', '$' + '{AWS::Region}', '\u{1F600}'],
  ...['['.repeat(50_000), '{"a":'.repeat(20_000), 'x'.repeat(100_000), '<'.repeat(5000)],
];

let account: LocalAccount;
let administrator: Credentials;

beforeAll(async () => {
  process.stdout.write(`\nRandom calls with FC_SEED=${SEED}\n`);
  account = await LocalAccount.start();
  administrator = account.administrator();
  await registerNote(account);
  createRole(account, { name: 'role', inlinePolicies: [] });
  const { cloudformation } = clients(account, administrator);
  await cloudformation.createStack({ StackName: 'stack', TemplateBody: TEMPLATE });
});
afterAll(() => account.close());

/** A request of a service, as it goes over the wire. */
interface Sent {
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 40 }));

/** Most texts are good values; documents are also changed in one place. */
function textFor(member: string, values: readonly string[]): fc.Arbitrary<string> {
  const known = [KNOWN[member] ?? 'known'].flat();
  const documents = known
    .filter((it) => /^[{[]/.test(it))
    .map((it) => ({ weight: 6, arbitrary: changed(it) }));
  const good = { weight: 4, arbitrary: fc.constantFrom(...known, ...values) };
  return fc.oneof(good, { weight: 1, arbitrary: text }, ...documents);
}

/** A JSON document with another value in one place. */
function changed(document: string): fc.Arbitrary<string> {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom(...HOSTILE.filter((it) => it.length < 100)),
  );
  return fc
    .record({ path: fc.constantFrom(...pathsOf(JSON.parse(document))), value })
    .map(({ path, value }) => {
      const root = { document: JSON.parse(document) };
      const last = path.at(-1) ?? '';
      const parent = path
        .slice(0, -1)
        .reduce<Record<string, unknown>>((node, step) => node[step] as typeof node, root);
      parent[last] = value;
      return JSON.stringify(root.document) ?? '';
    });
}

function pathsOf(node: unknown, path: readonly string[] = ['document']): (readonly string[])[] {
  const children = typeof node === 'object' && node !== null ? Object.entries(node) : [];
  return [path, ...children.flatMap(([name, child]) => pathsOf(child, [...path, name]))];
}

/** A value for a member of this shape: most are of its type, some are not. */
function valueFor(
  model: ApiModel,
  shapeName: string,
  member: string,
  isQuery: boolean,
): fc.Arbitrary<unknown> {
  const shape = model.shapes[shapeName.replace('!', '')] ?? { type: 'string' };
  const of = (name: string | undefined) => valueFor(model, name ?? '', '', isQuery);
  const { min = 0, max = 5, enum: values = [] } = shape;
  const types: Record<string, () => fc.Arbitrary<unknown>> = {
    string: () => textFor(member, values),
    boolean: () => fc.boolean(),
    timestamp: () => fc.constantFrom(0, 1_800_000_000, '2026-01-01T00:00:00Z'),
    list: () => fc.array(of(shape.member), { maxLength: 3 }),
    map: () => {
      const entry = fc.record({ key: text, value: of(shape.value) });
      return isQuery
        ? fc.record({ entry: fc.record({ 1: entry }) })
        : fc.dictionary(text, of(shape.value), { maxKeys: 2 });
    },
    structure: () => membersOf(model, shape.members ?? {}, isQuery),
  };
  const right = types[shape.type] ?? (() => fc.constantFrom(min, max, min - 1, max + 1, 2 ** 40));
  return fc.oneof(
    { weight: 30, arbitrary: right() },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  );
}

function membersOf(model: ApiModel, members: Readonly<Record<string, string>>, isQuery: boolean) {
  const entries = Object.entries(members).map(([name, shape]) => {
    const value = valueFor(model, shape, name, isQuery);
    // Most members that must be there are, and most others are not.
    const [there, missing] = shape.endsWith('!') ? [30, 1] : [1, shape === '-' ? 30 : 3];
    return [
      name,
      fc.oneof({ weight: there, arbitrary: value }, { weight: missing, arbitrary: fc.constant(undefined) }),
    ];
  });
  return fc.record(Object.fromEntries(entries) as Record<string, fc.Arbitrary<unknown>>);
}

/** A call of an operation in the protocol of its service. */
function callOf(
  { name, model }: Service,
  operation: string,
  members: Readonly<Record<string, string>>,
): fc.Arbitrary<Sent> {
  const isQuery = QUERY_SERVICES.includes(name);
  return membersOf(model, members, isQuery).map((input) => {
    const { Bucket = '', Key = '', FunctionName = '' } = input;
    const rest = { service: name, headers: {}, body: JSON.stringify(input) };
    if (name === 's3') {
      const method = operation.startsWith('List') ? 'GET' : operation.startsWith('Delete') ? 'DELETE' : 'PUT';
      return { ...rest, method, path: `/${encoded(Bucket)}${Key && `/${encoded(Key)}`}?encoding-type=url` };
    }
    if (name === 'lambda') {
      return { ...rest, method: 'POST', path: `/2015-03-31/functions/${encoded(FunctionName)}/invocations` };
    }
    const post = { ...rest, method: 'POST', path: '/' };
    return isQuery
      ? { ...post, body: String(new URLSearchParams([['Action', operation], ...flattened(input)])) }
      : { ...post, headers: { 'x-amz-target': `Service.${operation}` } };
  });
}

/** Members as the Query protocol numbers and nests them. */
function flattened(value: unknown, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null) {
    return value === undefined ? [] : [[path, String(value)]];
  }
  if (Array.isArray(value)) {
    return value.length === 0
      ? [[path, '']]
      : value.flatMap((item, index) => flattened(item, `${path}.member.${index + 1}`));
  }
  return Object.entries(value).flatMap(([name, item]) => flattened(item, path ? `${path}.${name}` : name));
}

function encoded(value: unknown): string {
  return encodeURIComponent(String(value).toWellFormed());
}

/** A request that is no call of an operation. */
const malformedRequest: fc.Arbitrary<Sent> = fc.record({
  service: fc.constantFrom(
    ...['iam', 'sts', 's3', 'lambda', 'logs', 'cloudformation', 'cloudcontrolapi', 'nothing'],
  ),
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH'),
  path: fc.constantFrom(
    ...['/', '//', '/%', '/%ff/a', '/a/%', '/?policy', '/2015-03-31/functions/%ff/invocations', '/a?b=%'],
  ),
  headers: fc.constantFrom<Record<string, string>[]>(
    {},
    { 'x-amz-target': 'Service.toString' },
    { 'x-amz-target': 'Service.DescribeLogGroups' },
    { 'content-encoding': 'gzip' },
    { 'x-amz-copy-source': '/a/b' },
  ),
  body: fc.oneof(
    text,
    fc.constantFrom(
      ...['Action=toString', 'Action=__proto__', 'Action=GetRole&RoleName=a&RoleName.b=c', 'Action.a=1'],
    ),
    fc.constantFrom(`Action=GetRole&RoleName${'.a'.repeat(30_000)}=x`, 'Action=TagRole&RoleName=role&Tags=x'),
  ),
});

async function answerTo({ service, method, path, headers, body }: Sent) {
  const response = await fetch(`${account.endpoint}${path}`, {
    method,
    headers: { ...headers, ...signedBy(administrator, service) },
    ...(method !== 'GET' && { body }),
  });
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: await response.text(),
  };
}

/** What is wrong with an answer for a client that reads it, if anything. */
function problemOf({ status, type, body }: Awaited<ReturnType<typeof answerTo>>): string | undefined {
  if (status >= 500) {
    return `a server error: ${body.slice(0, 300)}`;
  }
  if (body === '') {
    return status < 300 ? undefined : 'an error without a body';
  }
  try {
    const code = type.includes('json') ? JSON.parse(body).__type : codeInXml(body);
    return status < 300 || code ? undefined : `an error without a code: ${body.slice(0, 300)}`;
  } catch (error) {
    return `not well-formed: ${String(error).slice(0, 300)}`;
  }
}

/** The text of the element `Code`. @throws Error for XML that is not well-formed. */
function codeInXml(body: string): string {
  let code = '';
  const parser = new SaxesParser();
  const path: string[] = [];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => path.push(name));
  parser.on('closetag', () => path.pop());
  parser.on('text', (content) => {
    code += path.at(-1) === 'Code' ? content : '';
  });
  parser.write(body).close();
  return code;
}

test('every operation of a service has a model of its input', () => {
  for (const { name, model, operations } of account.services.values()) {
    expect([name, Object.keys(model.operations).sort()]).toEqual([name, Object.keys(operations).sort()]);
  }
});

test('a header with characters that HTTP does not allow is answered by the service', async () => {
  const socket = connect(Number(new URL(account.endpoint).port), '127.0.0.1');
  const { authorization } = signedBy(administrator, 's3');
  const headers = `authorization: ${authorization}\r\nhost: localhost\r\nx-amz-meta-a: a\u0001b\r\n`;
  socket.write(`GET /missing HTTP/1.1\r\n${headers}connection: close\r\n\r\n`);
  expect(await textOf(socket)).toMatch(/^HTTP\/1.1 404 .*<Code>NoSuchBucket<\/Code>/s);
});

test(`${CALLS} random calls get answers that their clients can read, and no server error`, async () => {
  const calls = [...account.services.values()].flatMap((service) =>
    Object.entries(service.model.operations).map(([operation, members]) =>
      callOf(service, operation, members),
    ),
  );
  const call = fc.oneof(
    { weight: 9, arbitrary: fc.oneof(...calls) },
    { weight: 1, arbitrary: malformedRequest },
  );
  const isReadable = fc.asyncProperty(call, async (sent) => {
    expect(problemOf(await answerTo(sent))).toBeUndefined();
  });
  await fc.assert(isReadable, { seed: SEED, numRuns: CALLS });
});
