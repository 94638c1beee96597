import { isDeepStrictEqual } from 'node:util';
import type { Caller } from '../../../gateway/service';
import type { Model } from '../handlers/protocol';
import type { Provider } from '../providers/provider';
import type { Stack, StackResource } from './stack';

/** How one resource differs from its template. */
export interface ResourceDrift {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  /** `NOT_CHECKED` for types that the local account cannot read. */
  readonly status: 'IN_SYNC' | 'MODIFIED' | 'DELETED' | 'NOT_CHECKED';
  readonly expected: Model;
  readonly actual?: Model | undefined;
  readonly differences: readonly PropertyDifference[];
}

/** One property that differs. */
export interface PropertyDifference {
  readonly propertyPath: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** How a stack differs from its template. */
export interface DriftResult {
  readonly stackName: string;
  readonly status: 'IN_SYNC' | 'DRIFTED';
  readonly resources: readonly ResourceDrift[];
}

/**
 * Compares what a template says with what there is: as in CloudFormation, only properties that the template
 * sets count (user guide, "using-cfn-stack-drift").
 *
 * @param actual What there is; nothing where the resource is gone.
 */
export function compare(
  { logicalId, physicalId, type, properties: expected }: ComparedResource,
  actual: Model | undefined,
): ResourceDrift {
  const resource = { logicalId, physicalId, type, expected, actual };
  if (!actual) {
    return { ...resource, status: 'DELETED', differences: [] };
  }
  const differences = Object.entries(expected)
    .filter(([name, value]) => !isDeepStrictEqual(actual[name], value))
    .map(([name, value]) => ({ propertyPath: `/${name}`, expected: value, actual: actual[name] }));
  return { ...resource, status: differences.length > 0 ? 'MODIFIED' : 'IN_SYNC', differences };
}

/** What of a stack's resource a comparison takes. */
export interface ComparedResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly properties: Model;
}

/** What the drift of its resources says about a stack. */
export function stackDrift(resources: readonly ResourceDrift[]): DriftResult['status'] {
  return resources.some(({ status }) => status === 'MODIFIED' || status === 'DELETED')
    ? 'DRIFTED'
    : 'IN_SYNC';
}

/**
 * Reads a resource and compares it with what its stack's template says.
 *
 * @throws ResourceFailure, ApiError where it cannot be read.
 */
export async function readDrift(
  provider: Provider | undefined,
  { name: stackName, id: stackId }: Pick<Stack, 'name' | 'id'>,
  resource: StackResource,
  caller: Caller,
): Promise<ResourceDrift> {
  const { logicalId, physicalId, type, properties: expected } = resource;
  if (!provider?.read) {
    return { logicalId, physicalId, type, expected, status: 'NOT_CHECKED', differences: [] };
  }
  const found = await provider.read(physicalId, { stackName, stackId, logicalId, caller });
  return compare(resource, found?.attributes);
}
