import { isDeepStrictEqual } from 'node:util';
import type { StackResourceDrift } from '@aws-sdk/client-cloudformation';
import { placeIn, type Stack, type StackResource } from './stack';
import type { Stacks } from './stacks';

/**
 * Reads a stack's resources and compares them with the template. The stack keeps the result.
 *
 * @throws ApiError, ResourceFailure when one cannot be read.
 */
export async function detectDrift(stacks: Stacks, stack: Stack): Promise<StackResourceDrift[]> {
  const drifts = await Promise.all(stack.resources.map((resource) => readDrift(stacks, stack, resource)));
  stack.drifts.clear();
  for (const drift of drifts) {
    stack.drifts.set(drift.LogicalResourceId ?? '', drift);
  }
  return drifts;
}

/** The drift status of a stack whose resources have these drifts. */
export function stackDrift(drifts: readonly StackResourceDrift[]): 'IN_SYNC' | 'DRIFTED' {
  return drifts.some(isDrifted) ? 'DRIFTED' : 'IN_SYNC';
}

/** Whether a resource differs from its template or does not exist. */
export function isDrifted({ StackResourceDriftStatus: status }: StackResourceDrift): boolean {
  return status === 'MODIFIED' || status === 'DELETED';
}

/**
 * As in CloudFormation, only properties that the template sets count (user guide, "using-cfn-stack-drift"). Types that
 * the local account cannot read are `NOT_CHECKED`.
 */
async function readDrift(stacks: Stacks, stack: Stack, resource: StackResource): Promise<StackResourceDrift> {
  const { logicalId, physicalId, type, properties } = resource;
  const about = {
    StackId: stack.id,
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    ExpectedProperties: JSON.stringify(properties),
    PropertyDifferences: [],
    Timestamp: new Date(),
  };
  const { read } = stacks.provider(type);
  if (!read) {
    return { ...about, StackResourceDriftStatus: 'NOT_CHECKED' };
  }
  const found = await read(physicalId, placeIn(stack, logicalId));
  if (!found) {
    return { ...about, StackResourceDriftStatus: 'DELETED' };
  }
  const actual = found.attributes;
  const differences = Object.entries(properties)
    .filter(([name, value]) => !isDeepStrictEqual(actual[name], value))
    .map(([name, value]) => ({
      PropertyPath: `/${name}`,
      ExpectedValue: textOf(value),
      ActualValue: textOf(actual[name] ?? null),
      DifferenceType: actual[name] === undefined ? ('REMOVE' as const) : ('NOT_EQUAL' as const),
    }));
  return {
    ...about,
    StackResourceDriftStatus: differences.length > 0 ? 'MODIFIED' : 'IN_SYNC',
    ActualProperties: JSON.stringify(actual),
    PropertyDifferences: differences,
  };
}

/** Text as it is, other values as JSON (recorded: localstack, test_drift_detection_on_lambda). */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
