import { isDeepStrictEqual } from 'node:util';
import type { StackResourceDrift } from '@aws-sdk/client-cloudformation';
import type { Model } from '../handlers/schema';
import { placeIn, type Stack, type StackResource } from './stack';
import type { Stacks } from './stacks';

/**
 * Reads a stack's resources and compares them with the template. The stack keeps the result.
 *
 * @throws ApiError, ResourceFailure when one cannot be read.
 */
export async function detectDrift(stacks: Stacks, stack: Stack): Promise<readonly StackResourceDrift[]> {
  const { drifts } = await readActual(stacks, stack);
  stack.drifts.clear();
  for (const drift of drifts) {
    stack.drifts.set(drift.LogicalResourceId ?? '', drift);
  }
  return drifts;
}

/** A stack's resources as they are, without those that do not exist, and how they differ from the template. */
export interface Actual {
  readonly resources: readonly StackResource[];
  readonly drifts: readonly StackResourceDrift[];
}

/** Reads a stack's resources. @throws ApiError, ResourceFailure when one cannot be read. */
export async function readActual(stacks: Stacks, stack: Stack): Promise<Actual> {
  const drifts = await Promise.all(stack.resources.map((resource) => readDrift(stacks, stack, resource)));
  const resources = stack.resources.flatMap((resource, index) => {
    const { StackResourceDriftStatus: status, ActualProperties = '' } = drifts[index] ?? {};
    const read = status === 'MODIFIED' ? (JSON.parse(ActualProperties) as Model) : resource.properties;
    const names = Object.keys(resource.properties).filter((name) => name in read);
    const properties = Object.fromEntries(names.map((name) => [name, read[name]]));
    return status === 'DELETED' ? [] : [{ ...resource, properties }];
  });
  return { resources, drifts };
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
  const different = Object.keys(properties).filter((it) => !isDeepStrictEqual(actual[it], properties[it]));
  return {
    ...about,
    StackResourceDriftStatus: different.length > 0 ? 'MODIFIED' : 'IN_SYNC',
    ActualProperties: JSON.stringify(actual),
    PropertyDifferences: different.map((name) => ({
      PropertyPath: `/${name}`,
      ExpectedValue: textOf(properties[name]),
      ActualValue: textOf(actual[name] ?? null),
      DifferenceType: actual[name] === undefined ? 'REMOVE' : 'NOT_EQUAL',
    })),
  };
}

/** Text as it is, other values as JSON (recorded: localstack, test_drift_detection_on_lambda). */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
