import { randomUUID } from 'node:crypto';
import { requiredString } from '../../../gateway/parameters';
import type { RegionOperation } from '../region';
import { detectDrift, isDrifted, stackDrift } from '../stacks/drift';
import type { Stack, StackResource } from '../stacks/stack';
import type { Stacks } from '../stacks/stacks';
import { invalid } from '../template/document';
import { isWanted, liveStack, namedStack } from './input';

/** Drift detection (API reference). */
export const driftOperations: Readonly<Record<string, RegionOperation>> = {
  DetectStackDrift(region, { parameters }) {
    const stack = liveStack(region, parameters);
    const resources = stack.resources.filter(({ logicalId }) =>
      isWanted(parameters, 'LogicalResourceIds', logicalId),
    );
    const id = randomUUID();
    const about = { StackId: stack.id, StackDriftDetectionId: id, Timestamp: new Date() };
    region.driftDetections.set(id, { about, ended: outcomeOf(region.stacks, stack, resources) });
    return { StackDriftDetectionId: id };
  },
  async DescribeStackDriftDetectionStatus(region, { parameters }) {
    const id = requiredString(parameters, 'StackDriftDetectionId');
    const detection = region.driftDetections.get(id);
    if (!detection) {
      throw invalid(`Drift detection ${id} does not exist`);
    }
    const outcome = await region.settle(detection.ended);
    return { ...detection.about, ...(outcome ?? { DetectionStatus: 'DETECTION_IN_PROGRESS' }) };
  },
  DescribeStackResourceDrifts(region, { parameters }) {
    const drifts = [...namedStack(region, parameters).drifts.values()];
    return {
      StackResourceDrifts: drifts.filter(({ StackResourceDriftStatus: status }) =>
        isWanted(parameters, 'StackResourceDriftStatusFilters', status),
      ),
    };
  },
  async DetectStackResourceDrift(region, { parameters }) {
    const stack = liveStack(region, parameters);
    const logicalId = requiredString(parameters, 'LogicalResourceId');
    const resource = stack.resource(logicalId);
    if (!resource) {
      throw invalid(`Resource ${logicalId} does not exist for stack ${stack.name}`);
    }
    const [StackResourceDrift] = await detectDrift(region.stacks, stack, [resource]);
    return { StackResourceDrift };
  },
};

/** How a detection ends, in the members of DescribeStackDriftDetectionStatus. */
async function outcomeOf(stacks: Stacks, stack: Stack, resources: readonly StackResource[]) {
  try {
    const drifts = await detectDrift(stacks, stack, resources);
    return {
      DetectionStatus: 'DETECTION_COMPLETE',
      StackDriftStatus: stackDrift(drifts),
      DriftedStackResourceCount: drifts.filter(isDrifted).length,
    };
  } catch (error) {
    const DetectionStatusReason = error instanceof Error ? error.message : String(error);
    return { DetectionStatus: 'DETECTION_FAILED', DetectionStatusReason };
  }
}
