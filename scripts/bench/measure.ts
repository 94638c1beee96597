/** Helpers of the benchmark. */
import { CloudFormation, LambdaFunction } from 'local-account';
import { LOG_GROUP, REGION, type SampleAccount, TYPE_NAME } from '../../test/harness/sample-account';
import type { Variant } from './variants';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** How long a piece of work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** How many rounds to measure. Those that are not counted come first: in them, processes load and compile. */
interface Rounds {
  readonly counted: number;
  readonly uncounted?: number;
}

/** The median of a quantity of a variant. */
export type Medians<Quantity extends string> = (variant: Variant, quantity: Quantity) => number;

/** Measures quantities of each variant in rounds. Each round runs all variants, under the same conditions. */
export async function measureInRounds<Quantity extends string>(
  variants: readonly Variant[],
  { counted, uncounted = 0 }: Rounds,
  measure: (variant: Variant) => Promise<Readonly<Record<Quantity, number>>>,
): Promise<Medians<Quantity>> {
  const samples = new Map(variants.map((variant) => [variant, [] as Record<Quantity, number>[]]));
  for (let round = -uncounted; round < counted; round += 1) {
    for (const variant of variants) {
      const sample = await measure(variant);
      if (round >= 0) {
        samples.get(variant)?.push(sample);
      }
    }
  }
  return (variant, quantity) => median((samples.get(variant) ?? []).map((sample) => sample[quantity]));
}

/** A variant as a function in the account, and CloudFormation to invoke it. */
export interface Installed {
  readonly handlers: LambdaFunction;
  readonly cloudformation: CloudFormation;
}

/** Installs a variant; with logging, if it delivers logs. */
export function install(
  { account, handlerRoleArn, logRoleArn }: SampleAccount,
  { directory, delivers }: Variant,
  concurrency = 1,
): Installed {
  const handlers = new LambdaFunction({
    packageDirectory: __dirname,
    handler: 'measured.entrypoint',
    environment: { ...account.functionEnvironment(REGION), VARIANT: directory },
    concurrency,
  });
  const cloudformation = new CloudFormation({
    account,
    function: handlers,
    typeName: TYPE_NAME,
    region: REGION,
    schema: 'custom-ecs-roletrunking.json',
    executionRoleArn: handlerRoleArn,
    ...(delivers && { logging: { groupName: LOG_GROUP, roleArn: logRoleArn } }),
  });
  return { handlers, cloudformation };
}

/** Resident memory of a function's process, and the processor time that it has used. */
interface Usage {
  readonly bytes: number;
  readonly milliseconds: number;
}

/** What a function's process uses between invocations. Starts it and loads the handler if there is none. */
export async function usageOf(handlers: LambdaFunction): Promise<Usage> {
  const { payload } = await handlers.invoke({ usage: true });
  const { rss, cpu } = payload as { rss: number; cpu: NodeJS.CpuUsage };
  return { bytes: rss, milliseconds: (cpu.user + cpu.system) / 1000 };
}

/** More roles like the sample stack's instance role. @returns their ARNs */
export function createRoles(sample: SampleAccount, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    sample.addInstanceRole(`managed-${String(index).padStart(4, '0')}`),
  );
}
