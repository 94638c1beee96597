import type { Moment, RunResult } from 'local-account';
import { sleep } from 'local-account';
import type { Lane, Trunking } from './lane';

/** Two changes of one role's setting at the same time, and how they end. */
export interface Race {
  readonly name: string;
  /** The setting before. */
  readonly before: Trunking | undefined;
  /** @returns how the operations ended, in the order in which they are named. */
  run(lane: Lane): Promise<RunResult[]>;
  readonly outcomes: readonly string[];
  /** The setting afterwards. */
  readonly after: Trunking | undefined;
}

const create = (lane: Lane, value: Trunking) => lane.run('CREATE', { properties: lane.model(value) });
const update = (lane: Lane, value: Trunking) => {
  const previousProperties = lane.model(value === 'enabled' ? 'disabled' : 'enabled');
  return lane.run('UPDATE', { properties: lane.model(value), previousProperties });
};
const remove = (lane: Lane) => lane.run('DELETE', { properties: lane.model() });

/** Runs `act` to its end just before the first call of an AWS operation takes effect. */
async function between<T>(lane: Lane, operation: string, act: () => T, race: () => Promise<RunResult>) {
  let other: Promise<Awaited<T>> | undefined;
  const stop = lane.account.observe(async ({ phase, call }: Moment) => {
    if (phase !== 'before' || call.operation !== operation || other) {
      return;
    }
    other = Promise.resolve(act());
    await other;
  });
  const first = await race();
  stop();
  if (!other) {
    throw new Error(`${operation} was not called`);
  }
  return { first, other: await other };
}

async function against(
  lane: Lane,
  operation: string,
  other: () => Promise<RunResult>,
  race: () => Promise<RunResult>,
) {
  const ended = await between(lane, operation, other, race);
  return [ended.first, ended.other];
}

const someone = (
  operation: 'create' | 'update' | 'delete',
  before: Trunking | undefined,
  sets: Trunking | undefined,
  after: Trunking | undefined,
): Race => ({
  name: `someone ${sets ? `sets ${sets}` : 'removes the setting'} between ${operation}'s check and its change${after ? ` to ${after}` : ''}`,
  before,
  async run(lane) {
    const call = operation === 'delete' ? 'DeleteAccountSetting' : 'PutAccountSetting';
    const { first } = await between(
      lane,
      call,
      () => lane.setSetting(sets),
      () => {
        if (operation === 'delete') {
          return remove(lane);
        }
        return (operation === 'create' ? create : update)(lane, after ?? 'enabled');
      },
    );
    return [first];
  },
  outcomes: ['SUCCESS'],
  after,
});

/** All races of docs/guarantees.md. */
export const RACES: readonly Race[] = [
  {
    name: 'two creates that both check before either puts: the last put wins',
    before: undefined,
    run: (lane) =>
      against(
        lane,
        'PutAccountSetting',
        () => create(lane, 'disabled'),
        () => create(lane, 'enabled'),
      ),
    outcomes: ['SUCCESS', 'SUCCESS'],
    after: 'enabled',
  },
  {
    name: 'a create that checks after another has put: AlreadyExists',
    before: undefined,
    async run(lane) {
      const first = create(lane, 'enabled');
      await first;
      return [await first, await create(lane, 'disabled')];
    },
    outcomes: ['SUCCESS', 'AlreadyExists'],
    after: 'enabled',
  },
  {
    name: "a delete between update's check and its put: the put makes the setting again",
    before: 'enabled',
    run: (lane) =>
      against(
        lane,
        'PutAccountSetting',
        () => remove(lane),
        () => update(lane, 'disabled'),
      ),
    outcomes: ['SUCCESS', 'SUCCESS'],
    after: 'disabled',
  },
  {
    name: "an update between delete's check and its delete: the setting is deleted",
    before: 'enabled',
    run: (lane) =>
      against(
        lane,
        'DeleteAccountSetting',
        () => update(lane, 'disabled'),
        () => remove(lane),
      ),
    outcomes: ['SUCCESS', 'SUCCESS'],
    after: undefined,
  },
  {
    name: "a delete before update's check: NotFound",
    before: 'enabled',
    run: (lane) =>
      against(
        lane,
        'ListAccountSettings',
        () => remove(lane),
        () => update(lane, 'disabled'),
      ),
    outcomes: ['NotFound', 'SUCCESS'],
    after: undefined,
  },
  {
    name: 'two updates at once: the last put wins',
    before: 'enabled',
    run: (lane) =>
      against(
        lane,
        'PutAccountSetting',
        () => update(lane, 'enabled'),
        () => update(lane, 'disabled'),
      ),
    outcomes: ['SUCCESS', 'SUCCESS'],
    after: 'disabled',
  },
  {
    name: 'two deletes at once: both succeed',
    before: 'enabled',
    run: (lane) =>
      against(
        lane,
        'DeleteAccountSetting',
        () => remove(lane),
        () => remove(lane),
      ),
    outcomes: ['SUCCESS', 'SUCCESS'],
    after: undefined,
  },
  {
    name: 'someone changes the setting after a create: read returns the new value',
    before: undefined,
    async run(lane) {
      const created = await create(lane, 'enabled');
      lane.setSetting('disabled');
      await sleep(lane.clock, lane.account.settings.lag);
      const read = await lane.run('READ', { properties: lane.model() });
      expect(read.final.resourceModel).toEqual(lane.model('disabled'));
      return [created, read];
    },
    outcomes: ['SUCCESS', 'SUCCESS'],
    after: 'disabled',
  },
  someone('create', undefined, 'disabled', 'enabled'),
  someone('create', undefined, 'enabled', 'disabled'),
  someone('create', undefined, 'enabled', 'enabled'),
  someone('update', 'enabled', undefined, 'disabled'),
  someone('update', 'disabled', undefined, 'enabled'),
  someone('update', 'enabled', 'disabled', 'disabled'),
  someone('update', 'disabled', 'disabled', 'enabled'),
  someone('delete', 'enabled', 'disabled', undefined),
  someone('delete', 'disabled', 'enabled', undefined),
  someone('delete', 'enabled', undefined, undefined),
];
