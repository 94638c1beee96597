import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Action, Model, ProgressEvent } from 'local-account';
import { VirtualClock } from 'local-account';
import { LOG_GROUP, type SampleAccount, startSampleAccount } from '../harness/sample-account';

/*
 * What earlier versions wrote, given to the current handlers. When the default version changes, CloudFormation still
 * has the callback contexts and the properties that an earlier version returned. The other direction is not promised:
 * 1.0.0 refuses callback contexts of later versions (CHANGELOG.md).
 */

const FOLDER = join(__dirname, 'compatibility/1.0.0');
/** The role in the data. */
const RECORDED_ROLE = 'arn:aws:iam::111122223333:role/InstanceRole';

interface Request {
  readonly action: Action;
  readonly properties: Model;
  readonly previousProperties?: Model;
}

interface Scenario {
  readonly scenario: string;
  readonly settingBefore: 'enabled' | 'disabled' | 'absent';
  readonly request: Request;
  readonly answers: readonly ProgressEvent[];
}

type Fields = Record<string, unknown>;

let sample: SampleAccount;
/** The callback context that the next invocation gets in place of its own. */
let context: ProgressEvent['callbackContext'];

beforeAll(async () => {
  const invoke = (event: unknown) => {
    const given = context ? { ...(event as object), callbackContext: context } : event;
    context = undefined;
    return sample.handlers.invoke(given);
  };
  sample = await startSampleAccount({ clock: new VirtualClock(), cloudformation: { function: { invoke } } });
});

afterAll(() => sample.close());

const recorded = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
const LOG_LINE: Fields & { calls: readonly object[] } = recorded('log-line.json');
const SCENARIOS = ['create', 'delete', 'list', 'read', 'update'].flatMap((action) =>
  (recorded(`${action}.json`) as Scenario[]).map((it) => [`${action}: ${it.scenario}`, it] as const),
);

function withOurRole<T>(data: T): T {
  return JSON.parse(JSON.stringify(data).replaceAll(RECORDED_ROLE, sample.instanceRoleArn));
}

/** Runs a scenario to its end, from one of its invocations: a later one repeats the model and context before it. */
async function run({ settingBefore, request, answers }: Scenario, from: number): Promise<ProgressEvent> {
  sample.setSetting(settingBefore === 'absent' ? undefined : settingBefore);
  const { resourceModel, callbackContext } = answers[from - 1] ?? {};
  context = callbackContext;
  const properties = resourceModel ?? request.properties;
  return (await sample.cloudformation.run(request.action, { ...request, properties })).final;
}

/** The parts of an answer that CloudFormation acts on at the end of an operation. */
const outcome = ({ status, errorCode, resourceModel, resourceModels }: Partial<ProgressEvent> = {}) => ({
  status,
  errorCode: errorCode ?? undefined,
  resourceModel: resourceModel ?? undefined,
  resourceModels: resourceModels ?? undefined,
});

test('the data has waiting operations of each kind, and answers to each action', () => {
  const actions = (some: typeof SCENARIOS) => [...new Set(some.map(([, { request }]) => request.action))];
  expect(actions(SCENARIOS)).toEqual(['CREATE', 'DELETE', 'LIST', 'READ', 'UPDATE']);
  const waiting = SCENARIOS.filter(([, { answers }]) => answers.some((it) => it.callbackContext));
  expect(actions(waiting)).toEqual(['CREATE', 'DELETE', 'UPDATE']);
});

test.each(SCENARIOS)(
  '%s: has the recorded outcome, from the start and from each recorded invocation',
  async (_, data) => {
    const scenario = withOurRole(data);
    const last = outcome(scenario.answers.at(-1));
    expect(last.status).toMatch(/^(SUCCESS|FAILED)$/);
    for (const invocation of scenario.answers.keys()) {
      expect(outcome(await run(scenario, invocation))).toEqual(last);
    }
  },
);

test.each(SCENARIOS)('%s: the log line has the recorded fields', async (_, data) => {
  const scenario = withOurRole(data);
  await run(scenario, scenario.answers.length - 1);
  const message = sample.account.logs.events(LOG_GROUP).at(-1)?.message ?? '';
  const line = JSON.parse(message.slice(message.indexOf('{')));
  const { action, properties } = scenario.request;
  const { status, errorCode } = scenario.answers.at(-1) ?? {};
  const same = { action, roleArn: properties.RoleArn, outcome: status, errorCode };
  expect(Object.keys(same).map((name) => line[name])).toEqual(Object.values(same));
  const kinds = (fields: Fields) =>
    Object.entries(fields).map(([name, value]) => [name, Array.isArray(value) ? 'list' : typeof value]);
  expect(kinds(line)).toEqual(expect.arrayContaining(kinds(LOG_LINE)));
  expect(Object.keys(line.calls[0])).toEqual(expect.arrayContaining(Object.keys(LOG_LINE.calls[0] ?? {})));
});

describe('a model that 1.0.0 returned', () => {
  const returned = SCENARIOS.flatMap(([, { answers }]) => answers)
    .flatMap(({ resourceModel, resourceModels }) => [resourceModel, ...(resourceModels ?? [])])
    .filter((model) => model !== undefined);
  const distinct = [...new Set(returned.map((model) => JSON.stringify(model)))];

  test.each(distinct)('%s is read, updated and deleted', async (text) => {
    const properties = withOurRole(JSON.parse(text) as Model);
    sample.setSetting('enabled');
    const finals = [
      (await sample.cloudformation.run('READ', { properties })).final,
      (await sample.cloudformation.run('UPDATE', { properties, previousProperties: properties })).final,
      (await sample.cloudformation.run('DELETE', { properties })).final,
    ];
    expect(finals.map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect(finals[1]?.resourceModel).toEqual({ Trunking: 'enabled', ...properties });
  });
});
