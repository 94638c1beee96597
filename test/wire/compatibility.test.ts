import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualClock } from 'local-account';
import { LOG_GROUP, REGION, type SampleAccount, startSampleAccount } from '../harness/sample-account';

/*
 * What earlier versions wrote, given to the current handlers. When the default version changes, CloudFormation still
 * has the callback contexts and the properties that an earlier version returned. The other direction is not promised:
 * 1.0.0 refuses callback contexts of later versions (CHANGELOG.md).
 */

const FOLDER = join(__dirname, 'compatibility/1.0.0');
/** The role in the data. */
const RECORDED_ROLE = 'arn:aws:iam::111122223333:role/InstanceRole';

type Action = 'CREATE' | 'READ' | 'UPDATE' | 'DELETE' | 'LIST';
type Model = Record<string, unknown>;

interface Invocation {
  readonly request: {
    readonly action: Action;
    readonly properties: Model;
    readonly previousProperties?: Model;
    readonly callbackContext?: Record<string, unknown>;
  };
  readonly answer: {
    readonly status: string;
    readonly errorCode?: string | null;
    readonly resourceModel?: Model | null;
    readonly resourceModels?: Model[] | null;
  };
  readonly log: Record<string, unknown>;
}

interface Scenario {
  readonly scenario: string;
  readonly settingBefore: 'enabled' | 'disabled' | 'absent';
  readonly invocations: readonly Invocation[];
}

let sample: SampleAccount;
/** The callback context that the next invocation gets in place of its own. */
let context: Record<string, unknown> | undefined;

beforeAll(async () => {
  const invoke = (event: unknown) => {
    const given = context ? { ...(event as object), callbackContext: context } : event;
    context = undefined;
    return sample.handlers.invoke(given);
  };
  sample = await startSampleAccount({ clock: new VirtualClock(), cloudformation: { function: { invoke } } });
});

afterAll(() => sample.close());

/** The data as text, so that each test can fill in its role. */
const scenarios = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => {
    const list = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Scenario[];
    return list.map((it) => [`${name.replace('.json', '')}: ${it.scenario}`, JSON.stringify(it)] as const);
  });

const withOurRole = (text: string): Scenario =>
  JSON.parse(text.replaceAll(RECORDED_ROLE, sample.instanceRoleArn));

function prepare({ settingBefore }: Scenario): void {
  const { trunking } = sample;
  if (settingBefore === 'absent') {
    trunking.delete(REGION, sample.instanceRoleArn);
  } else {
    trunking.set(REGION, sample.instanceRoleArn, settingBefore);
  }
}

async function run({ request }: Invocation) {
  const { action, properties, previousProperties } = request;
  const { final } = await sample.cloudformation.run(action, { properties, previousProperties });
  return final;
}

/** The parts of an answer that CloudFormation acts on at the end of an operation. */
const outcome = ({ status, errorCode, resourceModel, resourceModels }: Invocation['answer']) => ({
  status,
  errorCode: errorCode ?? undefined,
  resourceModel: resourceModel ?? undefined,
  resourceModels: resourceModels ?? undefined,
});

test('the data has waiting operations of each kind, and answers to each action', () => {
  const all = scenarios.flatMap(([, text]) => (JSON.parse(text) as Scenario).invocations);
  const actions = (list: Invocation[]) => [...new Set(list.map(({ request }) => request.action))].sort();
  expect(actions(all)).toEqual(['CREATE', 'DELETE', 'LIST', 'READ', 'UPDATE']);
  expect(actions(all.filter(({ request }) => request.callbackContext))).toEqual([
    'CREATE',
    'DELETE',
    'UPDATE',
  ]);
});

test.each(scenarios)(
  '%s: has the recorded outcome, from the start and from each recorded invocation',
  async (_, text) => {
    const scenario = withOurRole(text);
    const [first] = scenario.invocations;
    const last = scenario.invocations.at(-1);
    if (!first || !last) {
      throw new Error('The scenario has no invocation');
    }
    for (const invocation of scenario.invocations) {
      prepare(scenario);
      context = invocation.request.callbackContext;
      expect(outcome(await run(invocation))).toEqual(outcome(last.answer));
    }
  },
);

test.each(scenarios)('%s: the log line has the recorded fields', async (_, text) => {
  const scenario = withOurRole(text);
  prepare(scenario);
  const last = scenario.invocations.at(-1);
  if (!last) {
    throw new Error('The scenario has no invocation');
  }
  context = last.request.callbackContext;
  await run(last);
  const message = sample.account.logs.events(LOG_GROUP).at(-1)?.message ?? '';
  const line = JSON.parse(message.slice(message.indexOf('{'))) as Record<string, unknown>;
  const kinds = (fields: Record<string, unknown>) =>
    Object.entries(fields).map(([name, value]) => [name, Array.isArray(value) ? 'list' : typeof value]);
  expect(kinds(line)).toEqual(expect.arrayContaining(kinds(last.log)));
  const same = ['action', 'roleArn', 'outcome', 'errorCode'];
  expect(same.map((name) => line[name])).toEqual(same.map((name) => last.log[name]));
  const names = (fields: Record<string, unknown>) => Object.keys((fields.calls as object[])[0] ?? {});
  expect(names(line)).toEqual(expect.arrayContaining(names(last.log).filter((name) => name !== 'error')));
});

describe('a model that 1.0.0 returned', () => {
  const returned = scenarios
    .flatMap(([, text]) => (JSON.parse(text) as Scenario).invocations)
    .flatMap(({ answer }) => [answer.resourceModel, ...(answer.resourceModels ?? [])])
    .filter((model) => model !== null && model !== undefined);
  const distinct = [...new Set(returned.map((model) => JSON.stringify(model)))];

  test.each(distinct)('%s is read, updated and deleted', async (text) => {
    const properties = JSON.parse(text.replaceAll(RECORDED_ROLE, sample.instanceRoleArn)) as Model;
    sample.trunking.set(REGION, sample.instanceRoleArn, 'enabled');
    const finals = [
      (await sample.cloudformation.run('READ', { properties })).final,
      (await sample.cloudformation.run('UPDATE', { properties, previousProperties: properties })).final,
      (await sample.cloudformation.run('DELETE', { properties })).final,
    ];
    expect(finals.map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect(finals[1]?.resourceModel).toEqual({ Trunking: 'enabled', ...properties });
  });
});
