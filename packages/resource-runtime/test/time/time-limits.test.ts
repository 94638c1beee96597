import { limitsFor } from '../../src/time/time-limits';

test.each([
  ['CREATE', 57_000],
  ['UPDATE', 57_000],
  ['DELETE', 57_000],
  ['READ', 28_500],
  ['LIST', 28_500],
] as const)('%s answers within what the handler contract allows', (action, total) => {
  expect(limitsFor(action)).toEqual({ telemetry: 1_000, work: total - 1_000 });
});

test('the limits are shorter where Lambda has less time left', () => {
  expect(limitsFor('CREATE', 10_000)).toEqual({ telemetry: 1_000, work: 8_500 });
  expect(limitsFor('READ', 100_000)).toEqual(limitsFor('READ'));
});

test('telemetry takes at most a fifth of the time', () => {
  const { work, telemetry } = limitsFor('CREATE', 1_000);
  expect([work, telemetry]).toEqual([760, 190]);
});

test('no time is left when Lambda has none', () => {
  expect(limitsFor('CREATE', 0)).toEqual({ telemetry: 0, work: 0 });
  expect(limitsFor('CREATE', -5)).toEqual({ telemetry: 0, work: 0 });
});
