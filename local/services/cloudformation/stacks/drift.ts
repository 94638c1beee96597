import { isDeepStrictEqual } from 'node:util';
import type { Model } from '../handlers/protocol';
import type { Existing, Place, Provider } from '../providers/provider';

/** How one resource differs from its template, in the members of the API's StackResourceDrift. */
export interface ResourceDrift {
  readonly StackId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly ResourceType: string;
  /** `NOT_CHECKED` for types that the local account cannot read. */
  readonly StackResourceDriftStatus: 'IN_SYNC' | 'MODIFIED' | 'DELETED' | 'NOT_CHECKED';
  /** JSON, as are all values. */
  readonly ExpectedProperties: string;
  readonly ActualProperties?: string;
  readonly PropertyDifferences: readonly {
    readonly PropertyPath: string;
    readonly ExpectedValue: string;
    readonly ActualValue: string;
    readonly DifferenceType: 'NOT_EQUAL' | 'REMOVE';
  }[];
  readonly Timestamp: Date;
}

/**
 * Reads a resource and compares it with what its stack's template says: as in CloudFormation, only properties that
 * the template sets count (user guide, "using-cfn-stack-drift").
 *
 * @throws ResourceFailure, ApiError when it cannot be read.
 */
export async function readDrift(
  provider: Provider | undefined,
  place: Place,
  { physicalId, type, properties }: Existing & { type: string },
): Promise<ResourceDrift> {
  const about = {
    StackId: place.stackId,
    LogicalResourceId: place.logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    ExpectedProperties: JSON.stringify(properties),
    PropertyDifferences: [],
    Timestamp: new Date(),
  };
  if (!provider?.read) {
    return { ...about, StackResourceDriftStatus: 'NOT_CHECKED' };
  }
  const found = await provider.read(physicalId, place);
  if (!found) {
    return { ...about, StackResourceDriftStatus: 'DELETED' };
  }
  const differences = differencesOf(properties, found.attributes);
  return {
    ...about,
    StackResourceDriftStatus: differences.length > 0 ? 'MODIFIED' : 'IN_SYNC',
    ActualProperties: JSON.stringify(found.attributes),
    PropertyDifferences: differences,
  };
}

/** Whether a resource differs from its template or is gone. */
export function isDrifted({ StackResourceDriftStatus: status }: ResourceDrift): boolean {
  return status === 'MODIFIED' || status === 'DELETED';
}

/** What the drift of its resources says about a stack. */
export function stackDrift(resources: readonly ResourceDrift[]): 'IN_SYNC' | 'DRIFTED' {
  return resources.some(isDrifted) ? 'DRIFTED' : 'IN_SYNC';
}

function differencesOf(expected: Model, actual: Model): ResourceDrift['PropertyDifferences'] {
  return Object.entries(expected)
    .filter(([name, value]) => !isDeepStrictEqual(actual[name], value))
    .map(([name, value]) => ({
      PropertyPath: `/${name}`,
      ExpectedValue: JSON.stringify(value),
      ActualValue: JSON.stringify(actual[name] ?? null),
      DifferenceType: actual[name] === undefined ? 'REMOVE' : 'NOT_EQUAL',
    }));
}
