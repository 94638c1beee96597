import { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { CreatePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { type Credentials, LocalAccount } from 'local-account';
import { type Answer, json, jsonError, ScriptedAws, xml, xmlError } from 'resource-runtime/testing';
import { readCommandLine } from '../../../scripts/command-line/options';
import { Calls } from '../../../scripts/doctor/calls';
import type { SettingFacts } from '../../../scripts/doctor/facts';
import type { Finding } from '../../../scripts/doctor/finding';
import { readOwnValue } from '../../../scripts/doctor/read-settings';
import { judgeRegistration } from '../../../scripts/doctor/registration';
import { reportUnread } from '../../../scripts/doctor/report';
import { judgeRole } from '../../../scripts/doctor/roles';
import { documentsFor, POLICY_NAME } from '../../../scripts/opt-in/documents';
import { OPT_IN } from '../../../scripts/opt-in/options';
import { allowing, policyOf, trusting } from '../../harness/policies';

/*
 * What the doctor finds about a role and about the registration, for each answer of CloudFormation, of Cloud Control and of
 * IAM, with the SDK's clients, over HTTP. IAM is a local account's.
 */

const ROLE = 'arn:aws:iam::111122223333:role/instances';
const HANDLER = 'arn:aws:iam::111122223333:role/ecs-role-trunking/acme-HandlerRole-1';
const typeName = 'Acme::Ecs::RoleTrunking';
const region = 'us-east-1';

/** What DescribeType answers for a registered version. */
const described = (fields: string) => xml('DescribeType', fields);
const REGISTERED = described(
  `<DefaultVersionId>00000002</DefaultVersionId><ExecutionRoleArn>${HANDLER}</ExecutionRoleArn>`,
);

/** No stack has the resource. */
const NO_STACK = xmlError('ValidationError');

let account: LocalAccount;
let aws: ScriptedAws;

beforeAll(async () => {
  account = await LocalAccount.start();
  aws = await ScriptedAws.start();
  aws.answer('DescribeStackResources', NO_STACK);
});

afterAll(async () => {
  await aws.close();
  await account.close();
});

/** Clients of the account's IAM and, for all else, of the script. */
function reader({ accessKeyId, secretAccessKey }: Credentials = account.administrator()) {
  const options = { region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 };
  return {
    region,
    profile: 'dev',
    iam: new IAMClient({ ...options, endpoint: account.endpoint }),
    ecs: new ECSClient(options),
    ec2: new EC2Client(options),
    cloudformation: new CloudFormationClient(options),
    cloudcontrol: new CloudControlClient(options),
    calls: new Calls(),
  };
}

/** What was not read, as the report has it. */
const unreadBy = ({ calls }: { calls: Calls }) => [...calls.unread.values()].map(reportUnread);

describe('the registration', () => {
  const SOURCE = 'arn:aws:cloudformation:us-east-1:111122223333:type/resource/Acme-Ecs-RoleTrunking';
  /** The handler role's trust, as in examples/roles.yml. */
  const trustingFor = (source: string, Service = 'resources.cloudformation.amazonaws.com') => {
    const condition = { ArnLike: { 'aws:SourceArn': [source, `${source}/*`] } };
    return { assumeRolePolicyDocument: trusting({ Service }, condition) };
  };
  const inlinePolicies = [allowing(['sts:AssumeRole', 'iam:GetRole', 'iam:List*'])];

  /** @param changes Nothing for a role that was deleted. */
  function makeHandlerRole(changes: object | undefined) {
    const name = 'acme-HandlerRole-1';
    if (account.roles.get(name)) {
      account.roles.delete(name);
    }
    if (changes) {
      const path = '/ecs-role-trunking/';
      account.roles.create({ name, path, ...trustingFor(SOURCE), inlinePolicies, ...changes });
    }
  }

  beforeEach(() => makeHandlerRole({}));

  /** The findings for an answer of DescribeType, and for what was not read. */
  async function findings(type: Answer, credentials?: Credentials): Promise<Finding[]> {
    aws.answer('DescribeType', type);
    const where = reader(credentials);
    return [...(await judgeRegistration(where, typeName, 'must')), ...unreadBy(where)];
  }

  test('is fine with its default version and its handler role', async () => {
    expect(await findings(REGISTERED)).toEqual([
      { level: 'fine', subject: 'type', text: `${typeName}, default version 00000002` },
      { level: 'fine', subject: 'handler role', text: HANDLER },
    ]);
  });

  test.each([
    ['that is missing', xmlError('TypeNotFoundException')],
    ['that was deregistered', described('<DeprecatedStatus>DEPRECATED</DeprecatedStatus>')],
  ])('%s is the only finding, and says how to register', async (_, type) => {
    expect(await findings(type)).toEqual([
      {
        level: 'must',
        subject: 'type',
        text: 'The type is not registered in this Region',
        reason: typeName,
        remedy: expect.stringContaining('README, step 2'),
      },
    ]);
  });

  test.each([
    ['AccessDenied', 'AWS denied the call', /^Allow cloudformation:DescribeType: /],
    ['Throttling', 'AWS throttled the call', /^Run this again later/],
  ])('is unknown where CloudFormation answers %s, with what to do about that', async (code, text, remedy) => {
    expect(await findings(xmlError(code))).toEqual([
      {
        level: 'unknown',
        subject: 'cloudformation:DescribeType',
        text,
        reason: 'Details of the error',
        remedy: expect.stringMatching(remedy),
      },
    ]);
  });

  const ABSENT = 'The handler role does not exist';
  const UNTRUSTING = 'The handler role does not trust CloudFormation for this type in this Region';
  const LACKING = 'The handler role lacks permissions that every operation needs';
  const REGISTER = /^Register a version .* in this Region/;

  test.each<[string, object | undefined, string, RegExp, RegExp]>([
    ['that was deleted', undefined, ABSENT, /HandlerRole-1$/, /another name: docs\/troubleshooting\.md/],
    [
      'with another path than registered',
      { path: '/team/' },
      ABSENT,
      /; the role of this name is arn:aws:iam::111122223333:role\/team\/acme-HandlerRole-1$/,
      REGISTER,
    ],
    [
      'without policies',
      { inlinePolicies: [] },
      LACKING,
      /lacks sts:AssumeRole, iam:GetRole, iam:ListRoles$/,
      /HandlerRole has in examples\/roles\.yml/,
    ],
    [
      'for another Region',
      trustingFor(SOURCE.replace(region, 'eu-west-1')),
      UNTRUSTING,
      /for arn:aws:cloudformation:eu-west-1:.*, not for arn:aws:cloudformation:us-east-1:/,
      REGISTER,
    ],
    [
      'for another type',
      trustingFor(SOURCE.replace('Acme', 'Other')),
      UNTRUSTING,
      /for .*Other-Ecs.*not for .*Acme-/,
      REGISTER,
    ],
    [
      'that trusts another service',
      trustingFor(SOURCE, 'lambda.amazonaws.com'),
      UNTRUSTING,
      /does not trust resources\.cloudformation\.amazonaws\.com$/,
      REGISTER,
    ],
  ])('with a handler role %s is reported, with what to do', async (_, changes, text, reason, remedy) => {
    makeHandlerRole(changes);
    const [, ...found] = await findings(REGISTERED);
    const matching = { reason: expect.stringMatching(reason), remedy: expect.stringMatching(remedy) };
    expect(found).toEqual([{ level: 'must', subject: 'handler role', text, ...matching }]);
  });

  test('with a handler role outside the path is reported', async () => {
    makeHandlerRole({ path: '/team/' });
    const [, ...found] = await findings(
      described(`<ExecutionRoleArn>${HANDLER.replace('ecs-role-trunking', 'team')}</ExecutionRoleArn>`),
    );
    expect(found).toMatchObject([{ text: 'The handler role is not under the path /ecs-role-trunking/' }]);
  });

  test('without a handler role is reported', async () => {
    const [, ...found] = await findings(described(''));
    expect(found).toMatchObject([{ level: 'must', text: 'The registered version has no handler role' }]);
  });

  test('with a handler role whose policies cannot be read is not called wrong', async () => {
    const [, role, ...unread] = await findings(
      REGISTERED,
      account.createUser('OnlyRoles', [allowing('iam:GetRole')]),
    );
    expect(role).toEqual({ level: 'fine', subject: 'handler role', text: HANDLER });
    expect(unread.map(({ level, subject }) => [level, subject])).toEqual([
      ['unknown', 'iam:ListRolePolicies'],
      ['unknown', 'iam:ListAttachedRolePolicies'],
    ]);
  });
});

describe("the role's own value", () => {
  const FAILURE = 'Handler returned status FAILED: The tag. (HandlerErrorCode: AccessDenied)';
  const resource = (Properties: string) => json({ ResourceDescription: { Identifier: ROLE, Properties } });
  const unread = (text: string) => ({
    unread: [
      { level: 'unknown', subject: 'cloudformation:GetResource', text, reason: 'Details of the error' },
    ],
  });

  test.each<[string, string, Answer, object]>([
    ['disabled', 'the handlers return it', resource('{"RoleArn":"x","Trunking":"disabled"}'), {}],
    ['none', 'the handlers find none', jsonError('ResourceNotFoundException'), {}],
    ['unknown', 'the type is not registered', jsonError('TypeNotFoundException'), {}],
    ['unknown', 'there is none', resource('{}'), { failure: 'Cloud Control returned no value.' }],
    ['unknown', 'they fail', jsonError('HandlerFailureException', 400, FAILURE), { failure: FAILURE }],
    ['unknown', 'the call is denied', jsonError('AccessDeniedException'), unread('AWS denied the call')],
    ['unknown', 'it is throttled', jsonError('ThrottlingException'), unread('AWS throttled the call')],
  ])('is %s where %s', async (own, _, answer, more) => {
    aws.answer('GetResource', answer);
    const where = reader();
    const found = { ...(await readOwnValue(where, typeName, ROLE)), unread: unreadBy(where) };
    expect(found).toMatchObject({ own, failure: undefined, unread: [], ...more });
  });
});

describe('a role that is opted in', () => {
  const { tag, statement, policy: ours } = documentsFor(ROLE);
  const ON: SettingFacts = {
    own: 'enabled',
    failure: undefined,
    accountDefault: 'disabled',
    managedBy: undefined,
    firstTrunkAt: undefined,
  };
  const YES = { level: 'fine', subject: 'opted in', text: 'yes' };
  const deny = (Action: string, Condition?: object) => ({
    Effect: 'Deny',
    Action,
    Resource: '*',
    ...(Condition && { Condition }),
  });

  interface Case {
    readonly policies?: Readonly<Record<string, object>>;
    readonly setting?: object;
    readonly isAskedFor?: boolean;
    readonly as?: Credentials;
    /** Any other property of the role. */
    readonly [property: string]: unknown;
  }

  /** The findings for a role that has more than the opt-in, and for what was not read. */
  async function findings({
    policies = {},
    setting,
    isAskedFor = true,
    as,
    ...more
  }: Case): Promise<Finding[]> {
    if (account.roles.get('instances')) {
      account.roles.delete('instances');
    }
    account.roles.create({
      name: 'instances',
      tags: { [tag.key]: tag.value },
      assumeRolePolicyDocument: policyOf(statement),
      inlinePolicies: [
        { name: POLICY_NAME, document: policyOf(...(ours.Statement as object[])) },
        ...Object.entries(policies).map(([name, it]) => ({ name, document: policyOf(it) })),
      ],
      ...more,
    });
    const where = reader(as);
    return [...(await judgeRole(where, ROLE, isAskedFor, { ...ON, ...setting })), ...unreadBy(where)];
  }

  async function createPolicy(PolicyName: string, it: object): Promise<string> {
    const command = new CreatePolicyCommand({ PolicyName, PolicyDocument: JSON.stringify(policyOf(it)) });
    const { Policy } = await reader().iam.send(command);
    return Policy?.Arn ?? '';
  }

  test('and has nothing else is fine', async () => {
    expect(await findings({})).toEqual([YES]);
  });

  const TRUSTING_EC2 = { assumeRolePolicyDocument: trusting({ Service: 'ec2.amazonaws.com' }) };

  test.each([
    ['its tag', { tags: {} }, "The opt-in's tag is missing or different"],
    ['its trust statement', TRUSTING_EC2, "The opt-in's trust statement is missing or different"],
    ['its inline policy', { inlinePolicies: [] }, "The opt-in's inline policy is missing or different"],
    ['all three', { tags: {}, inlinePolicies: [], ...TRUSTING_EC2 }, 'The role is not opted in'],
  ])('but for %s is reported with the command of opt-in for Region and profile', async (_, more, text) => {
    const command = 'npm run opt-in -- --role instances --region us-east-1 --profile dev';
    const remedy = 'Opt the role in:';
    expect(await findings(more)).toEqual([{ level: 'must', subject: 'opted in', text, remedy, command }]);
    expect(readCommandLine(OPT_IN, command.split(' ').slice(4)).kind).toBe('run');
  });

  test('and whose stack must not lose what is added is reported with the stack', async () => {
    const member = `<PhysicalResourceId>instances</PhysicalResourceId><ResourceType>AWS::IAM::Role</ResourceType>`;
    const resources = `<StackResources><member>${member}<StackName>web</StackName></member></StackResources>`;
    aws.answer('DescribeStackResources', xml('DescribeStackResources', resources), NO_STACK);
    const [found] = await findings({ tags: {} });
    expect(found).toEqual({
      level: 'must',
      subject: 'opted in',
      text: "The opt-in's tag is missing or different",
      remedy: 'Add the opt-in to the template of the stack web: docs/opting-in.md.',
    });
  });

  test('by a policy with another name and other statements, as the CDK makes it, is opted in', async () => {
    const others = [{ Sid: 'Other', ...deny('s3:*') }, ...(ours.Statement as object[])];
    const inlinePolicies = [{ name: 'RoleDefaultPolicy5E4A3C21', document: policyOf(...others) }];
    expect(await findings({ inlinePolicies })).toEqual([YES]);
  });

  test('but trusts the whole account without a condition is reported', async () => {
    const found = await findings({ assumeRolePolicyDocument: trusting({ AWS: account.rootArn }) });
    expect(found.map(({ text }) => text)).toEqual([
      "The opt-in's trust statement is missing or different",
      'The role trusts the whole account without a condition',
    ]);
  });

  test('and has policies that deny the actions is reported for each policy, with what to do', async () => {
    const managed = await createPolicy('Keep', deny('ecs:DeleteAccountSetting'));
    const found = await findings({
      policies: {
        Never: deny('ecs:*AccountSetting'),
        Sometimes: deny('ecs:Put*', { Bool: { 'aws:SecureTransport': 'false' } }),
        Others: deny('*', { StringNotLike: { 'aws:userid': ['*:Admin', '*:EcsRoleTrunking'] } }),
        Unrelated: deny('s3:*'),
      },
      managedPolicyArns: [managed],
    });
    const [yes, ...denials] = found;
    expect(yes).toEqual(YES);
    const text = "A policy of the role denies the handlers' actions";
    expect(denials.map((denial) => [denial.level, denial.text, denial.reason])).toEqual([
      ['must', text, 'Never, ecs:PutAccountSetting, ecs:DeleteAccountSetting'],
      ['should', `${text} under a condition`, 'Sometimes, ecs:PutAccountSetting'],
      ['must', text, 'Keep, ecs:DeleteAccountSetting'],
    ]);
    expect(denials.every(({ remedy }) => remedy?.startsWith('Exempt sessions named EcsRoleTrunking'))).toBe(
      true,
    );
  });

  test('and has a permissions boundary is fine only if that allows the three actions', async () => {
    const wide = await createPolicy('Wide', { Effect: 'Allow', Action: 'ecs:*', Resource: '*' });
    const narrow = await createPolicy('Narrow', { Effect: 'Allow', Action: 'ecs:List*', Resource: '*' });
    expect(await findings({ permissionsBoundary: wide })).toEqual([
      YES,
      { level: 'fine', subject: 'permissions boundary', text: wide },
    ]);
    expect(await findings({ permissionsBoundary: narrow })).toEqual([
      YES,
      {
        level: 'must',
        subject: 'permissions boundary',
        text: "The permissions boundary does not allow the handlers' actions",
        reason: narrow,
        remedy: 'Allow ecs:PutAccountSetting, ecs:DeleteAccountSetting there.',
      },
    ]);
  });

  test('is not called opted in or out where its policies cannot be read, and each action is named', async () => {
    const as = account.createUser('RolesOnly', [allowing('iam:GetRole')]);
    const boundary = await createPolicy('Unseen', { Effect: 'Allow', Action: '*', Resource: '*' });
    const found = await findings({ permissionsBoundary: boundary, as });
    expect(found.map(({ level, subject }) => [level, subject])).toEqual([
      ['fine', 'permissions boundary'],
      ['unknown', 'iam:ListRolePolicies'],
      ['unknown', 'iam:ListAttachedRolePolicies'],
      ['unknown', 'iam:GetPolicy'],
    ]);
  });

  test.each([
    ['AccessDenied', 'must'],
    ['Throttling', 'unknown'],
    ['ServiceInternalError', 'unknown'],
  ])('and whose setting the handlers cannot read because of %s is reported as %s', async (code, level) => {
    const failure = `Handler returned status FAILED: Why. (HandlerErrorCode: ${code}, RequestToken: x)`;
    const [, found] = await findings({ setting: { own: 'unknown', failure } });
    expect(found).toMatchObject({
      level,
      subject: 'setting',
      text: 'The handlers could not read the setting',
      reason: failure,
    });
  });

  test.each([
    ['disabled', ['should', 'The role has no value of its own, and the account default is disabled']],
    ['unknown', ['unknown', 'The value that applies to the role is unknown']],
    ['enabled', undefined],
  ])('and has no value of its own, with the account default %s', async (accountDefault, expected) => {
    const setting = { own: 'none', accountDefault };
    const [, found] = await findings({ setting });
    expect(found && [found.level, found.text]).toEqual(expected);
    expect(await findings({ setting, isAskedFor: false })).toEqual([YES]);
  });
});
