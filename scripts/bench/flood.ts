/** Many creates at the same time in an account that throttles. */
import assert from 'node:assert/strict';
import { startSampleAccount } from '../../test/harness/sample-account';
import { createRoles, install, timed } from './measure';
import { type ScaleRow, times } from './report';
import { OURS } from './variants';

const COUNT = 1000;
const CONCURRENCY = 50;
/** Requests a second. */
const ECS_RATE = 40;
const STS_RATE = 100;
/** The calls to ECS in each create: list, put, list. */
const ECS_CALLS = 3;

/** @throws AssertionError where a create does not succeed or its setting is lost. */
export async function measureFlood(latencyMs: number): Promise<ScaleRow> {
  const sample = await startSampleAccount({ latencyMs });
  const { account } = sample;
  const roles = createRoles(sample, COUNT);
  const { handlers, cloudformation } = install(sample, OURS, CONCURRENCY);
  account.faults.rateLimit('ecs', ECS_RATE);
  account.faults.rateLimit('sts', STS_RATE);
  const queue = roles.values();
  const outcomes = new Map<string, number>();
  const work = async () => {
    for (const RoleArn of queue) {
      const { final } = await cloudformation.run('CREATE', { properties: { RoleArn } });
      const outcome = final.errorCode ?? final.status;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  const milliseconds = await timed(() => Promise.all(Array.from({ length: CONCURRENCY }, work)));
  assert.deepEqual([...outcomes], [['SUCCESS', COUNT]]);
  const lost = roles.filter((arn) => sample.setting(arn) !== 'enabled');
  assert.deepEqual(lost, []);
  await handlers.close();
  await sample.close();
  const seconds = milliseconds / 1000;
  // The shortest time that ECS's rate allows. The limit allows a burst of one second's requests at the start.
  const least = (ECS_CALLS * COUNT - ECS_RATE) / ECS_RATE;
  return {
    what: `${COUNT.toLocaleString('en')} creates, ${CONCURRENCY} at a time, ECS admitting ${ECS_RATE} and STS ${STS_RATE} requests/s`,
    target: 'all `SUCCESS`, none lost, ≤ 1.3 × what the rate allows',
    result: `all, none, ${seconds.toFixed(1)} s of ${least.toFixed(1)} s (${times(seconds / least)})`,
    met: seconds <= 1.3 * least,
  };
}
