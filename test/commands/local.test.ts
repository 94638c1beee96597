import { join } from 'node:path';
import { LocalCommand } from '../harness/local-command';

/* `npm run local`, with the AWS CLI. The tests of local-account cover what its CloudFormation can do. */

const ROLES = join(__dirname, '../../examples/roles.yml');

let local: LocalCommand;

beforeAll(async () => {
  local = await LocalCommand.start(['--region', 'eu-west-1']);
});
afterAll(() => local.end());

test('prints on stdout only commands for a shell', () => {
  expect(local.exports).toEqual([
    expect.stringMatching(/^export AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^export AWS_ACCESS_KEY_ID=AKIA[A-Z0-9]{16}$/),
    expect.stringMatching(/^export AWS_SECRET_ACCESS_KEY=\S+$/),
    'export AWS_DEFAULT_REGION=eu-west-1',
    'unset AWS_SESSION_TOKEN AWS_PROFILE',
  ]);
});

test('starts with only an administrator and the role of its functions', async () => {
  const { stdout } = await local.run(`
    aws sts get-caller-identity --query Arn --output text
    aws iam list-roles --query 'Roles[].RoleName' --output text
    aws cloudformation list-stacks --query 'length(StackSummaries)'
    aws ecs list-account-settings --query settings --output text`);
  expect(stdout.trim().split('\n')).toEqual([
    'arn:aws:iam::111122223333:user/Administrator',
    'LocalFunctionRole',
    '0',
  ]);
});

test('prints each call and each stack event on stderr, and no key', async () => {
  const { code } = await local.run(
    `aws cloudformation deploy --stack-name roles --template-file ${ROLES} --capabilities CAPABILITY_IAM
     ! aws iam get-role --role-name nobody`,
  );
  expect(code).toBe(0);
  expect(local.lines).toEqual(
    expect.arrayContaining([
      'cloudformation CreateChangeSet by user/Administrator in eu-west-1: ok',
      '  roles: CREATE_COMPLETE HandlerRole AWS::IAM::Role',
      '  roles: CREATE_COMPLETE roles AWS::CloudFormation::Stack',
      'iam GetRole by user/Administrator in eu-west-1: NoSuchEntity',
    ]),
  );
  const [, , secret = ''] = local.exports.map((line) => line.replace(/^.*?=/, ''));
  expect(local.lines.filter((line) => line.includes(secret))).toEqual([]);
});

test('listens on the port given, refuses one in use, and ends with Ctrl-C', async () => {
  const [port = ''] = /\d+$/.exec(local.exports[0] ?? '') ?? [];
  await expect(LocalCommand.start(['--port', port])).rejects.toThrow(
    `npm run local ended with 1: Port ${port} is in use. Give another --port, or none.`,
  );
  const other = await LocalCommand.start(['--latency', '20']);
  const [endpoint = ''] = other.exports;
  expect(await other.end()).toBe(0);
  const again = await LocalCommand.start(['--port', endpoint.replace(/^.*:/, '')]);
  expect(again.exports[0]).toBe(endpoint);
  expect(await again.end()).toBe(0);
});
