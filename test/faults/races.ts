import type { Moment, RunResult } from 'local-account';
import { sleep } from 'local-account';
import type { TestAccount, Trunking } from './test-account';

/** Two changes of one role's setting at the same time, and how they end. */
export interface Race {
  readonly name: string;
  /** The setting before. */
  readonly before: Trunking | undefined;
  /** @returns how the operations ended, in the order in which they are named. */
  run(account: TestAccount): Promise<RunResult[]>;
  readonly outcomes: readonly string[];
  /** The setting afterwards. */
  readonly after: Trunking | undefined;
}

type Operation = (account: TestAccount) => Promise<RunResult>;

const create =
  (value: Trunking): Operation =>
  (account) =>
    account.run('CREATE', { properties: account.model(value) });
const update =
  (value: Trunking): Operation =>
  (account) => {
    const previousProperties = account.model(value === 'enabled' ? 'disabled' : 'enabled');
    return account.run('UPDATE', { properties: account.model(value), previousProperties });
  };
const remove: Operation = (account) => account.run('DELETE', { properties: account.model() });

/** Runs `act` to its end just before the first call of an AWS operation takes effect. */
async function between<T>(account: TestAccount, call: string, act: () => T, operation: Operation) {
  let other: Promise<Awaited<T>> | undefined;
  const stop = account.local.observe(async ({ phase, call: { operation: name } }: Moment) => {
    if (phase !== 'before' || name !== call || other) {
      return;
    }
    other = Promise.resolve(act());
    await other;
  });
  const first = await operation(account);
  stop();
  if (!other) {
    throw new Error(`${call} was not called`);
  }
  return { first, other: await other };
}

/** Another operation runs to its end before the first call of that name takes effect. */
const against = (call: string, other: Operation, operation: Operation) => async (account: TestAccount) => {
  const ended = await between(account, call, () => other(account), operation);
  return [ended.first, ended.other];
};

const someone = (
  action: 'create' | 'update' | 'delete',
  before: Trunking | undefined,
  sets: Trunking | undefined,
  after: Trunking | undefined,
): Race => ({
  name: `someone ${sets ? `sets ${sets}` : 'removes the setting'} between ${action}'s check and its change${after ? ` to ${after}` : ''}`,
  before,
  async run(account) {
    const call = action === 'delete' ? 'DeleteAccountSetting' : 'PutAccountSetting';
    const operation = after ? (action === 'create' ? create : update)(after) : remove;
    const { first } = await between(account, call, () => account.setSetting(sets), operation);
    return [first];
  },
  outcomes: ['SUCCESS'],
  after,
});

const BOTH = ['SUCCESS', 'SUCCESS'];

/** All races of docs/guarantees.md. */
export const RACES: readonly Race[] = [
  {
    name: 'two creates that both check before either puts: the last put wins',
    before: undefined,
    run: against('PutAccountSetting', create('disabled'), create('enabled')),
    outcomes: BOTH,
    after: 'enabled',
  },
  {
    name: 'a create that checks after another has put: AlreadyExists',
    before: undefined,
    run: async (account) => [await create('enabled')(account), await create('disabled')(account)],
    outcomes: ['SUCCESS', 'AlreadyExists'],
    after: 'enabled',
  },
  {
    name: "a delete between update's check and its put: the put makes the setting again",
    before: 'enabled',
    run: against('PutAccountSetting', remove, update('disabled')),
    outcomes: BOTH,
    after: 'disabled',
  },
  {
    name: "an update between delete's check and its delete: the setting is deleted",
    before: 'enabled',
    run: against('DeleteAccountSetting', update('disabled'), remove),
    outcomes: BOTH,
    after: undefined,
  },
  {
    name: "a delete before update's check: NotFound",
    before: 'enabled',
    run: against('ListAccountSettings', remove, update('disabled')),
    outcomes: ['NotFound', 'SUCCESS'],
    after: undefined,
  },
  {
    name: 'two updates at once: the last put wins',
    before: 'enabled',
    run: against('PutAccountSetting', update('enabled'), update('disabled')),
    outcomes: BOTH,
    after: 'disabled',
  },
  {
    name: 'two deletes at once: both succeed',
    before: 'enabled',
    run: against('DeleteAccountSetting', remove, remove),
    outcomes: BOTH,
    after: undefined,
  },
  {
    name: 'someone changes the setting after a create: read returns the new value',
    before: undefined,
    async run(account) {
      const created = await create('enabled')(account);
      account.setSetting('disabled');
      await sleep(account.clock, account.local.settings.lag);
      const read = await account.run('READ', { properties: account.model() });
      expect(read.final.resourceModel).toEqual(account.model('disabled'));
      return [created, read];
    },
    outcomes: BOTH,
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
