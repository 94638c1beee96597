import { randomUUID } from 'node:crypto';
import { invalid } from '../../../gateway/errors';
import { optionalString, requiredString } from '../../../gateway/parameters';
import { asFailure } from '../providers/provider';
import type { RegionalOperation } from '../region';
import { detectDrift, isDrifted, stackDrift } from '../stacks/drift';
import type { Stack, StackEvent } from '../stacks/stack';
import type { Stacks } from '../stacks/stacks';
import { existing } from '../template/document';
import { isWanted, liveStack, namedStack } from './input';

/** The resources of stacks and their events (API reference). */
export const resourceOperations: Readonly<Record<string, RegionalOperation>> = {
  DescribeStackEvents(cloudFormation, request) {
    return { StackEvents: [...namedStack(cloudFormation, request).events].reverse() };
  },
  DescribeStackResource(cloudFormation, request) {
    const { parameters } = request;
    const stack = namedStack(cloudFormation, request);
    const logicalId = requiredString(parameters, 'LogicalResourceId');
    const last = lastEvents(stack).find((it) => it.LogicalResourceId === logicalId);
    const name = String(parameters.StackName);
    const event = existing(last, `Resource ${logicalId} does not exist for stack ${name}`);
    const Metadata = JSON.stringify(cloudFormation.stacks.metadata(stack, logicalId));
    return { StackResourceDetail: { ...describeResource(stack, event), Metadata } };
  },
  DescribeStackResources(cloudFormation, request) {
    const { parameters } = request;
    const physicalId = optionalString(parameters, 'PhysicalResourceId');
    const logicalId = optionalString(parameters, 'LogicalResourceId');
    if (physicalId !== undefined && parameters.StackName !== undefined) {
      throw invalid('You must specify either StackName or PhysicalResourceId, but not both');
    }
    const stack =
      physicalId === undefined
        ? namedStack(cloudFormation, request)
        : existing(cloudFormation.stacks.withResource(physicalId), `Stack for ${physicalId} does not exist`);
    const events = lastEvents(stack).filter(({ LogicalResourceId: id }) => id === (logicalId ?? id));
    // "Only the first 100 resources will be returned" (API reference, DescribeStackResources).
    return { StackResources: events.slice(0, 100).map((event) => describeResource(stack, event)) };
  },
  ListStackResources(cloudFormation, request) {
    const stack = namedStack(cloudFormation, request);
    return { StackResourceSummaries: lastEvents(stack).map((event) => describeResource(stack, event)) };
  },
};

/**
 * The last event of each resource of a stack; while an operation is in progress, also of resources that failed; of a
 * deleted stack, of all its resources.
 */
function lastEvents(stack: Stack): StackEvent[] {
  const last = new Map<string, StackEvent>();
  for (const event of stack.events.filter(({ PhysicalResourceId: id }) => id !== stack.id)) {
    const current = stack.resource(event.LogicalResourceId);
    // Events of a resource that was replaced do not describe its replacement.
    if (!current || ['', current.physicalId].includes(event.PhysicalResourceId)) {
      last.set(event.LogicalResourceId, event);
    }
  }
  return [...last.values()].filter(
    ({ LogicalResourceId, ResourceStatus }) =>
      stack.status === 'DELETE_COMPLETE' ||
      stack.resource(LogicalResourceId) ||
      (stack.status.endsWith('_IN_PROGRESS') && !/^DELETE_(COMPLETE|SKIPPED)$/.test(ResourceStatus)),
  );
}

/** In the members of the three operations; clients ignore those of the others. */
function describeResource(stack: Stack, event: StackEvent) {
  const { EventId: _, ClientRequestToken: _token, PhysicalResourceId, ...about } = event;
  const drift = stack.drifts.get(event.LogicalResourceId);
  return {
    ...about,
    PhysicalResourceId: PhysicalResourceId || undefined,
    LastUpdatedTimestamp: event.Timestamp,
    DriftInformation: {
      StackResourceDriftStatus: drift?.StackResourceDriftStatus ?? 'NOT_CHECKED',
      LastCheckTimestamp: drift?.Timestamp,
    },
  };
}

/** Drift detection (API reference). */
export const driftOperations: Readonly<Record<string, RegionalOperation>> = {
  DetectStackDrift({ stacks, driftDetections }, request) {
    const stack = liveStack(stacks, request);
    const id = randomUUID();
    const about = { StackId: stack.id, StackDriftDetectionId: id, Timestamp: new Date() };
    driftDetections.set(id, { about, ended: outcomeOf(stacks, stack) });
    return { StackDriftDetectionId: id };
  },
  async DescribeStackDriftDetectionStatus(cloudFormation, { parameters }) {
    const id = requiredString(parameters, 'StackDriftDetectionId');
    const known = cloudFormation.driftDetections.get(id);
    const { about, ended } = existing(known, `Drift detection ${id} does not exist`);
    const outcome = await cloudFormation.waitFor(ended);
    return { ...about, ...(outcome ?? { DetectionStatus: 'DETECTION_IN_PROGRESS' }) };
  },
  DescribeStackResourceDrifts(cloudFormation, request) {
    const { parameters } = request;
    const drifts = [...namedStack(cloudFormation, request).drifts.values()];
    return {
      StackResourceDrifts: drifts.filter(({ StackResourceDriftStatus: status }) =>
        isWanted(parameters, 'StackResourceDriftStatusFilters', status),
      ),
    };
  },
};

/** The result of a detection, in the members of DescribeStackDriftDetectionStatus. */
async function outcomeOf(stacks: Stacks, stack: Stack) {
  try {
    const drifts = await detectDrift(stacks, stack);
    return {
      DetectionStatus: 'DETECTION_COMPLETE',
      StackDriftStatus: stackDrift(drifts),
      DriftedStackResourceCount: drifts.filter(isDrifted).length,
    };
  } catch (error) {
    return { DetectionStatus: 'DETECTION_FAILED', DetectionStatusReason: asFailure(error).message };
  }
}
