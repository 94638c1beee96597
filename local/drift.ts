import { isDeepStrictEqual } from 'node:util';
import type { Model } from './handler-protocol';

/** How one resource differs from its template. */
export interface ResourceDrift {
  logicalId: string;
  physicalId: string;
  status: 'IN_SYNC' | 'MODIFIED' | 'DELETED';
  expected: Model;
  actual?: Model;
  differences: { propertyPath: string; expected: unknown; actual: unknown }[];
}

/** How a stack differs from its template. */
export interface DriftResult {
  stackName: string;
  status: 'IN_SYNC' | 'DRIFTED';
  /** The resources of the registry type; others are not looked at. */
  resources: ResourceDrift[];
}

/**
 * Compares what a template says with what is there: as in CloudFormation, only properties that the template
 * sets count (user guide, "using-cfn-stack-drift").
 */
export function compare(
  logicalId: string,
  physicalId: string,
  expected: Model,
  actual: Model | undefined,
): ResourceDrift {
  if (!actual) return { logicalId, physicalId, status: 'DELETED', expected, differences: [] };
  const differences = Object.entries(expected)
    .filter(([name, value]) => !isDeepStrictEqual(actual[name], value))
    .map(([name, value]) => ({ propertyPath: `/${name}`, expected: value, actual: actual[name] }));
  const status = differences.length > 0 ? 'MODIFIED' : 'IN_SYNC';
  return { logicalId, physicalId, status, expected, actual, differences };
}
