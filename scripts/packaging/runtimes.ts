/** The Lambda runtimes that the type can be registered with. */
import type { TextOption } from '../command-line/options';

interface Runtime {
  readonly name: string;
  /** The day on which standard support ends. */
  readonly endOfSupport: string;
  /** The first day on which Lambda creates no functions with the runtime, so that no version can be registered. */
  readonly creationBlocked: string;
}

/**
 * `LmbdRuntimeLifecycle.json` of cfn-lint 1.58.0, which follows the Lambda developer guide ("Lambda runtimes").
 * `test/commands/runtimes.test.ts` compares the two.
 */
export const RUNTIMES: readonly Runtime[] = [
  { name: 'nodejs22.x', endOfSupport: '2027-04-30', creationBlocked: '2027-06-01' },
  { name: 'nodejs24.x', endOfSupport: '2028-04-30', creationBlocked: '2028-06-01' },
];

const DEFAULT = 'nodejs22.x';

/** The option `--runtime` of each command that makes a package. */
export const RUNTIME_OPTION = {
  value: 'RUNTIME',
  description: `The Lambda runtime to run the handlers with: ${RUNTIMES.map(({ name }) => name).join(' or ')}.`,
  default: DEFAULT,
  check: (value) =>
    RUNTIMES.some(({ name }) => name === value)
      ? undefined
      : `is not a runtime that the handlers are tested with: give ${RUNTIMES.map(({ name }) => name).join(' or ')}.`,
} as const satisfies TextOption;

/**
 * Warns that a runtime's standard support has ended, and says what to do. Before that there is nothing to do: the
 * default runtime, which the tests run with, is the project's to replace.
 *
 * @param now Milliseconds since 1970.
 * @returns `undefined` where support has not ended, or the runtime is not in the table.
 */
export function runtimeWarning(runtime: string, now = Date.now()): string | undefined {
  const found = RUNTIMES.find(({ name }) => name === runtime);
  if (!found || now < Date.parse(found.endOfSupport)) {
    return undefined;
  }
  const { endOfSupport, creationBlocked } = found;
  const later = RUNTIMES.find((it) => it.endOfSupport > endOfSupport);
  return (
    `Standard support for ${runtime} ended on ${endOfSupport}: it gets no more patches, and from ${creationBlocked} on, no ` +
    `version can be registered with it. ${later ? `For a later runtime, give --runtime ${later.name}.` : 'Look for a newer version of this project.'}`
  );
}
