import { createServer, type Server } from 'node:http';
import { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { Finding } from '../../../scripts/doctor/finding';
import { checkRegistration, checkRole } from '../../../scripts/opt-in/check';

/* The findings of `--check` for each answer of CloudFormation and Cloud Control, with the SDK's clients, over HTTP. */

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
const jsonError = (code: string): Answer => ({
  status: 400,
  body: JSON.stringify({ __type: `com.amazon.cloudapiservice#${code}`, Message: 'Denied' }),
});

const REGISTERED = described(
  `<DefaultVersionId>00000002</DefaultVersionId><ExecutionRoleArn>${HANDLER}</ExecutionRoleArn>`,
);

let server: Server;
let answers: { type: Answer; resource: Answer };

beforeAll(async () => {
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
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** The findings for these answers, by their subject. */
async function check(type: Answer, resource = setting('{}')): Promise<Record<string, Finding>> {
  answers = { type, resource };
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'not-a-key' };
  const options = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  const cloudformation = new CloudFormationClient(options);
  const cloudcontrol = new CloudControlClient(options);
  const findings = await checkRegistration({ cloudformation, cloudcontrol, typeName }, ROLE);
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
    text: `${typeName}, default version 00000002`,
  });
  expect(findings['handler role']).toEqual({ level: 'fine', subject: 'handler role', text: HANDLER });
  expect(findings.setting).toEqual({ level: 'fine', subject: 'setting', text: 'disabled' });
});

test('a role without a setting has the account default, and there is nothing to do', async () => {
  const { setting: found } = await check(REGISTERED, jsonError('ResourceNotFoundException'));
  expect(found).toEqual({ level: 'fine', subject: 'setting', text: 'none: the account default applies' });
});

test('for a setting that cannot be read, the finding says why and what to do', async () => {
  const { setting: found } = await check(REGISTERED, jsonError('AccessDeniedException'));
  expect(found?.text).toMatch(/^cannot be read: AccessDeniedException/);
  expect(found?.remedy).toMatch(
    /^Opt the role in, and check that you are allowed cloudformation:GetResource/,
  );
});

test('for a type that is not registered, the only finding says how to register it', async () => {
  const findings = await check(queryError('TypeNotFoundException'));
  expect(Object.keys(findings)).toEqual(['type']);
  expect(findings.type?.text).toBe(`${typeName} is not registered in this Region`);
  expect(findings.type?.remedy).toBe('Register it with examples/register.yml: see README.md, step 2.');
});

test('a type that was deregistered counts as not registered', async () => {
  const { type } = await check(described('<DeprecatedStatus>DEPRECATED</DeprecatedStatus>'));
  expect(type?.text).toBe(`${typeName} is not registered in this Region`);
});

test('for a caller without permission, the finding names the permission', async () => {
  const { type } = await check(queryError('AccessDenied'));
  expect(type?.text).toMatch(/^cannot be read: AccessDenied/);
  expect(type?.remedy).toContain('cloudformation:DescribeType');
});

test.each([
  ['no handler role', '', /^none: the handlers answer every request with an error$/],
  [
    'a handler role outside the path',
    '<ExecutionRoleArn>arn:aws:iam::111122223333:role/x</ExecutionRoleArn>',
    /not under the path \/ecs-role-trunking\/$/,
  ],
])('%s is reported, with what to register', async (_, fields, value) => {
  const { 'handler role': role } = await check(described(fields));
  expect(role?.text).toMatch(value);
  expect(role?.remedy).toMatch(/Register a version with/);
});
