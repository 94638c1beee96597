import { createServer, type Server } from 'node:http';
import { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ECSClient } from '@aws-sdk/client-ecs';
import { CreatePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { LocalAccount } from 'local-account';
import type { Finding } from '../../../scripts/doctor/finding';
import { checkPermissions, checkRegistration, checkRole } from '../../../scripts/opt-in/check';
import { readRole } from '../../../scripts/opt-in/role';

/*
 * The findings of `--check` for each answer of CloudFormation and Cloud Control, with the SDK's clients, over HTTP. IAM and
 * ECS are those of a local account.
 */

const ROLE = 'arn:aws:iam::111122223333:role/instances';
const HANDLER = 'arn:aws:iam::111122223333:role/ecs-role-trunking/acme-HandlerRole-1';
const typeName = 'Acme::Ecs::RoleTrunking';

/** An HTTP answer. */
interface Answer {
  readonly status: number;
  readonly body: string;
}

/** DescribeType's answer, in the query protocol. */
const described = (fields: string): Answer => ({
  status: 200,
  body: `<DescribeTypeResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeTypeResult>${fields}</DescribeTypeResult></DescribeTypeResponse>`,
});
const queryError = (code: string): Answer => ({
  status: 404,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>The type</Message></Error></ErrorResponse>`,
});
/** GetResource's answer, in JSON. */
const setting = (Properties: string): Answer => ({
  status: 200,
  body: JSON.stringify({ TypeName: typeName, ResourceDescription: { Identifier: ROLE, Properties } }),
});
const jsonError = (code: string, Message = 'Denied'): Answer => ({
  status: 400,
  body: JSON.stringify({ __type: `com.amazon.cloudapiservice#${code}`, Message }),
});

const REGISTERED = described(
  `<DefaultVersionId>00000002</DefaultVersionId><ExecutionRoleArn>${HANDLER}</ExecutionRoleArn>`,
);

let account: LocalAccount;
let server: Server;
let answers: { type: Answer; resource: Answer };

beforeAll(async () => {
  account = await LocalAccount.start();
  createHandlerRole();
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      const isQuery = request.headers['x-amz-target'] === undefined;
      const { status, body } = isQuery ? answers.type : answers.resource;
      response
        .writeHead(status, { 'content-type': isQuery ? 'text/xml' : 'application/x-amz-json-1.0' })
        .end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await account.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A statement of the handler role's trust, as in examples/roles.yml. */
const trusting = (source: string) => ({
  Effect: 'Allow',
  Principal: { Service: 'resources.cloudformation.amazonaws.com' },
  Action: 'sts:AssumeRole',
  Condition: { ArnLike: { 'aws:SourceArn': [source, `${source}/*`] } },
});
const SOURCE = 'arn:aws:cloudformation:us-east-1:111122223333:type/resource/Acme-Ecs-RoleTrunking';
const ALLOWED = {
  name: 'Handlers',
  document: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['sts:AssumeRole', 'iam:GetRole', 'iam:List*'], Resource: '*' }],
  },
};

function createHandlerRole(
  statement = trusting(SOURCE),
  inlinePolicies = [ALLOWED],
  path = '/ecs-role-trunking/',
) {
  account.roles.create({
    name: 'acme-HandlerRole-1',
    path,
    assumeRolePolicyDocument: { Version: '2012-10-17', Statement: [statement] },
    inlinePolicies,
  });
}

/** The findings for these answers, by their subject. */
async function check(type: Answer, resource = setting('{}')): Promise<Record<string, Finding>> {
  answers = { type, resource };
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'not-a-key' };
  const options = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  const cloudformation = new CloudFormationClient(options);
  const cloudcontrol = new CloudControlClient(options);
  const { accessKeyId, secretAccessKey } = account.administrator();
  const real = { ...options, endpoint: account.endpoint, credentials: { accessKeyId, secretAccessKey } };
  const [iam, ecs] = [new IAMClient(real), new ECSClient(real)];
  const where = { region: 'us-east-1', iam, ecs, cloudformation, cloudcontrol, typeName };
  const findings = await checkRegistration(where, ROLE);
  return Object.fromEntries(findings.map((finding) => [finding.subject, finding]));
}

test('a role with all parts is opted in; otherwise the finding has the missing parts and the command', () => {
  expect(checkRole('instances', [])).toEqual({ level: 'fine', subject: 'opted in', text: 'yes' });
  expect(checkRole('instances', ['trust policy', 'tag'])).toEqual({
    level: 'must',
    subject: 'opted in',
    text: 'no: the trust policy, the tag are missing or different',
    remedy: 'npm run opt-in -- --role instances',
  });
});

test('a registered type is shown with its version, its role and the value of the setting, and nothing to do', async () => {
  const findings = await check(REGISTERED, setting('{"RoleArn":"x","Trunking":"disabled"}'));
  expect(findings.type).toEqual({
    level: 'fine',
    subject: 'type',
    text: `${typeName} in us-east-1, default version 00000002`,
  });
  expect(findings['handler role']).toEqual({ level: 'fine', subject: 'handler role', text: HANDLER });
  expect(findings.setting).toEqual({ level: 'fine', subject: 'setting', text: 'disabled in us-east-1' });
});

test('without a setting, the account default decides whether there is something to do', async () => {
  const { setting: none } = await check(REGISTERED, jsonError('ResourceNotFoundException'));
  expect(none).toEqual({
    level: 'must',
    subject: 'setting',
    text: 'none in us-east-1, so the account default applies: disabled',
    remedy: 'Declare the resource for this role in a template.',
  });
});

test.each<[string, string, string, string, string | undefined]>([
  [
    'a denied caller',
    'AccessDeniedException',
    'Denied',
    'unknown',
    'Allow cloudformation:GetResource, or ask somebody who may.',
  ],
  ['throttling', 'ThrottlingException', 'Rate exceeded', 'unknown', undefined],
  [
    'what the handlers report',
    'HandlerFailureException',
    'Acme::Ecs::RoleTrunking Handler returned status FAILED: The tag is missing. (HandlerErrorCode: AccessDenied, RequestToken: x)',
    'must',
    undefined,
  ],
])('for a setting that cannot be read, %s decides what to do', async (_, code, message, level, remedy) => {
  const { setting: found } = await check(REGISTERED, jsonError(code, message));
  expect(found?.level).toBe(level);
  expect(found?.remedy).toBe(remedy);
  expect(found?.text).toMatch(/^could not be read\. /);
  expect(found?.text).toContain(message);
});

test('for a type that is not registered, the only finding says how to register it', async () => {
  const findings = await check(queryError('TypeNotFoundException'));
  expect(Object.keys(findings)).toEqual(['type']);
  expect(findings.type?.text).toBe(`${typeName} is not registered in us-east-1`);
  expect(findings.type?.remedy).toBe(
    'Register it with examples/register.yml (README.md, step 2), or give another --region.',
  );
});

test('a type that was deregistered counts as not registered', async () => {
  const { type } = await check(described('<DeprecatedStatus>DEPRECATED</DeprecatedStatus>'));
  expect(type?.text).toBe(`${typeName} is not registered in us-east-1`);
});

test.each<[string, string, string | undefined]>([
  [
    'AccessDenied',
    'AWS denied the call: The type.',
    'Allow cloudformation:DescribeType, or ask somebody who may.',
  ],
  ['Throttling', 'AWS throttles the calls', undefined],
])('where CloudFormation answers %s, the finding says what to do about that', async (code, text, remedy) => {
  const { type } = await check(queryError(code));
  expect(type?.level).toBe('unknown');
  expect(type?.text).toContain(text);
  expect(type?.remedy).toBe(remedy);
});

describe('the handler role', () => {
  const withRole = (...role: Parameters<typeof createHandlerRole>) => {
    if (account.roles.get('acme-HandlerRole-1')) {
      account.roles.delete('acme-HandlerRole-1');
    }
    createHandlerRole(...role);
  };
  afterEach(() => withRole());

  test.each<[string, () => void, RegExp]>([
    [
      'that was deleted',
      () => account.roles.delete('acme-HandlerRole-1'),
      /HandlerRole-1 does not exist, so every/,
    ],
    [
      'without policies',
      () => withRole(trusting(SOURCE), []),
      /allows sts:AssumeRole, iam:GetRole, iam:ListRoles$/,
    ],
    [
      'for another Region',
      () => withRole(trusting(SOURCE.replace('us-east-1', 'eu-west-1'))),
      /trusts CloudFormation only for arn:aws:cloudformation:eu-west-1:.*, not for arn:aws:cloudformation:us-east-1:/,
    ],
    [
      'for another type',
      () => withRole(trusting(SOURCE.replace('Acme', 'Other'))),
      /only for .*Other-Ecs.*not for .*Acme-/,
    ],
    [
      'that trusts another service',
      () => withRole({ ...trusting(SOURCE), Principal: { Service: 'lambda.amazonaws.com' } }),
      /does not trust resources\.cloudformation\.amazonaws\.com$/,
    ],
    [
      'with another path',
      () => withRole(trusting(SOURCE), [ALLOWED], '/team/'),
      /does not exist; the role of this name is arn:aws:iam::111122223333:role\/team\/acme-HandlerRole-1$/,
    ],
  ])('%s is reported, with what to do', async (_, change, text) => {
    change();
    const { 'handler role': role } = await check(REGISTERED);
    expect(role?.level).toBe('must');
    expect(role?.text).toMatch(text);
    expect(role?.remedy).toMatch(/^(Deploy examples\/register\.yml|Register a version with --role-arn)/);
  });

  test('that a version has none of is reported', async () => {
    const { 'handler role': role } = await check(described(''));
    expect(role?.text).toMatch(/^none: the handlers answer every request with an error$/);
    expect(role?.remedy).toMatch(/Register a version with/);
  });
});

test("the role's boundary and its denials of the three actions are reported", async () => {
  const deny = (Condition?: object) => ({
    Effect: 'Deny',
    Action: 'ecs:Put*',
    Resource: '*',
    ...(Condition && { Condition }),
  });
  const named = (name: string, statement: object) => ({
    name,
    document: { Version: '2012-10-17', Statement: [statement] },
  });
  account.roles.create({
    name: 'denied',
    assumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
    inlinePolicies: [
      named('Never', deny()),
      named('Sometimes', deny({ Bool: { 'aws:SecureTransport': 'false' } })),
    ],
  });
  const { accessKeyId, secretAccessKey } = account.administrator();
  const credentials = { accessKeyId, secretAccessKey };
  const iam = new IAMClient({ endpoint: account.endpoint, region: 'us-east-1', credentials });
  const boundary = 'arn:aws:iam::111122223333:policy/Team';
  const findings = await checkPermissions(iam, { ...(await readRole(iam, 'denied')), boundary });
  expect(findings.map(({ level, text }) => [level, text])).toEqual([
    ['should', expect.stringContaining(`${boundary}: it must allow ecs:PutAccountSetting`)],
    ['must', 'the policy Never of the role denies ecs:PutAccountSetting'],
    ['should', 'the policy Sometimes of the role denies ecs:PutAccountSetting, under a condition'],
  ]);
});

test('denials in a managed policy are reported, and policies that cannot be read leave it unknown', async () => {
  const { accessKeyId, secretAccessKey } = account.administrator();
  const administrator = { accessKeyId, secretAccessKey };
  const clientOf = (credentials: typeof administrator) =>
    new IAMClient({ endpoint: account.endpoint, region: 'us-east-1', credentials });
  const iam = clientOf(administrator);
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: 'ecs:DeleteAccountSetting', Resource: '*' }],
  });
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'Keep', PolicyDocument }));
  account.roles.create({
    name: 'managed',
    assumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
    managedPolicyArns: [Policy?.Arn ?? ''],
  });
  const role = await readRole(iam, 'managed');
  expect(await checkPermissions(iam, role)).toMatchObject([
    { level: 'must', text: 'the policy Keep of the role denies ecs:DeleteAccountSetting' },
  ]);
  const nobody = clientOf(account.createUser('Nobody'));
  expect(await checkPermissions(nobody, role)).toMatchObject([
    { level: 'unknown', remedy: expect.stringContaining('Allow iam:ListRolePolicies') },
  ]);
});
