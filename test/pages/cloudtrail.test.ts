import { runInNewContext } from 'node:vm';
import { textOf } from '../harness/project-files';

/*
 * What the CloudWatch Logs queries and metric filters of SECURITY.md find in CloudTrail's events, by the syntax that the
 * CloudWatch Logs user guide documents ("CWL_QuerySyntax-Filter", "FilterAndPatternSyntaxForMetricFilters").
 */

const page = textOf('SECURITY.md');
const ACCOUNT = '111122223333';
const HANDLER_ROLE = `arn:aws:iam::${ACCOUNT}:role/ecs-role-trunking/acme-HandlerRole`;
const TRUNKING = { name: 'awsvpcTrunking', value: 'enabled' };

/** The quoted values of an option in the page's commands. */
const valuesOf = (option: string) =>
  [...page.matchAll(new RegExp(`${option} '([^']+)'`, 'g'))].map(([, value = '']) =>
    value.replaceAll('HANDLER_ROLE_ARN', HANDLER_ROLE),
  );

type Finds = (event: object) => boolean;

/** An expression in JavaScript, with the functions that the two languages below are translated to. */
function evaluate(expression: string, event: object): boolean {
  const at = (path: string) =>
    path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], event);
  const functions = {
    present: (path: string) => at(path) !== undefined,
    text: (path: string) => String(at(path) ?? ''),
    matches: (path: string, pattern: string) =>
      new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(String(at(path) ?? '')),
  };
  return Boolean(runInNewContext(expression, functions));
}

/** The filters of a Logs Insights query. */
function query(text: string): Finds {
  const filters = [...text.matchAll(/\| filter ([^|]+)/g)].map(([, filter = '']) =>
    filter
      .replace(
        /([\w.]+) (not )?like (\/\S+\/)/g,
        (_, field, not, regex) => `${not ? '!' : ''}${regex}.test(text('${field}'))`,
      )
      .replace(
        /([\w.]+) (not )?in (\[[^\]]*\])/g,
        (_, field, not, list) => `${not ? '!' : ''}${list}.includes(text('${field}'))`,
      )
      .replace(/ispresent\(([\w.]+)\)/g, "present('$1')")
      .replace(/([\w.]+) (!?)= "/g, (_, field, not) => `text('${field}') ${not || '='}== "`)
      .replace(/\bnot\b/g, '!')
      .replace(/\band\b/g, '&&')
      .replace(/\bor\b/g, '||'),
  );
  return (event) => filters.every((filter) => evaluate(filter, event));
}

/** The pattern of a metric filter. */
function metricFilter(text: string): Finds {
  const expression = text
    .replace(/^\{|\}$/g, '')
    .replace(/\$\.([\w.]+) NOT EXISTS/g, "!present('$1')")
    .replace(
      /\$\.([\w.]+) (!?)= ("[^"]*")/g,
      (_, field, not, value) => `present('${field}') && ${not}matches('${field}', ${value})`,
    );
  return (event) => evaluate(expression, event);
}

const session = (role: string, name: string) => ({
  type: 'AssumedRole',
  principalId: `AROAEXAMPLE:${name}`,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role.split('/').at(-1)}/${name}`,
  sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${ACCOUNT}:role/${role}` } },
});
const user = { type: 'IAMUser', principalId: 'AIDAEXAMPLE', arn: `arn:aws:iam::${ACCOUNT}:user/somebody` };
const federated = { type: 'FederatedUser', principalId: `${ACCOUNT}:EcsRoleTrunking` };
const handler = session('ecs-role-trunking/acme-HandlerRole', 'AWSCloudFormation');

const change = (
  userIdentity: object,
  eventName = 'PutAccountSetting',
  requestParameters: object = TRUNKING,
) => ({
  eventSource: 'ecs.amazonaws.com',
  eventName,
  userIdentity,
  requestParameters,
});
const assume = (userIdentity: object, roleSessionName = 'EcsRoleTrunking', eventName = 'AssumeRole') => ({
  eventSource: 'sts.amazonaws.com',
  eventName,
  userIdentity,
  requestParameters: { roleArn: `arn:aws:iam::${ACCOUNT}:role/instances`, roleSessionName },
});

const [queries, patterns] = [valuesOf('--query-string'), valuesOf('--filter-pattern')];

test('the page has two queries, each also as a metric filter', () => {
  expect([queries.length, patterns.length]).toEqual([2, 2]);
});

describe.each([
  ['query', queries.map(query)],
  ['metric filter', patterns.map(metricFilter)],
])('the %s', (_, [changes = () => false, sessions = () => false]) => {
  test.each([
    ['by an instance', change(session('instances', 'i-0123456789abcdef0'))],
    ['by a user, who deletes it', change(user, 'DeleteAccountSetting')],
    ['by a federated user with the name of the session', change(federated)],
    [
      'of the account default, in a session of any name',
      change(session('instances', 'EcsRoleTrunking'), 'PutAccountSettingDefault'),
    ],
  ])('of changes finds one %s', (_name, event) => {
    expect(changes(event)).toBe(true);
  });

  test.each([
    ["the handlers' change", change(session('instances', 'EcsRoleTrunking'))],
    ['a change of another setting', change(user, 'PutAccountSetting', { name: 'containerInsights' })],
    ['a list', change(user, 'ListAccountSettings')],
  ])('of changes does not find %s', (_name, event) => {
    expect(changes(event)).toBe(false);
  });

  test.each([
    ['a user', assume(user)],
    ['another role', assume(session('developer', 'somebody'))],
    ['another role, in a session of that name', assume(session('developer', 'EcsRoleTrunking'))],
    ['another role under the path', assume(session('ecs-role-trunking/other', 'somebody'))],
    ['a web identity', assume({ type: 'WebIdentityUser' }, 'EcsRoleTrunking', 'AssumeRoleWithWebIdentity')],
  ])('of sessions finds one that was opened by %s', (_name, event) => {
    expect(sessions(event)).toBe(true);
  });

  test.each([
    ["the handlers' own", assume(handler)],
    ['a session of another name', assume(user, 'somebody')],
    ['a change of the setting', change(user)],
  ])('of sessions does not find %s', (_name, event) => {
    expect(sessions(event)).toBe(false);
  });
});
