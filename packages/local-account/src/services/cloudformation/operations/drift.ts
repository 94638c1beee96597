import { randomUUID } from 'node:crypto';
import { requiredString } from '../../../gateway/parameters';
import { failureOf } from '../providers/provider';
import type { RegionOperation } from '../region';
import { detectDrift, isDrifted, stackDrift } from '../stacks/drift';
import type { Stack } from '../stacks/stack';
import type { Stacks } from '../stacks/stacks';
import { existing } from '../template/document';
import { isWanted, liveStack, namedStack } from './input';

/** Drift detection (API reference). */
export const driftOperations: Readonly<Record<string, RegionOperation>> = {
  DetectStackDrift(region, request) {
    const stack = liveStack(region, request);
    const id = randomUUID();
    const about = { StackId: stack.id, StackDriftDetectionId: id, Timestamp: new Date() };
    region.driftDetections.set(id, { about, ended: outcomeOf(region.stacks, stack) });
    return { StackDriftDetectionId: id };
  },
  async DescribeStackDriftDetectionStatus(region, { parameters }) {
    const id = requiredString(parameters, 'StackDriftDetectionId');
    const detection = existing(region.driftDetections.get(id), `Drift detection ${id} does not exist`);
    const outcome = await region.waitFor(detection.ended);
    return { ...detection.about, ...(outcome ?? { DetectionStatus: 'DETECTION_IN_PROGRESS' }) };
  },
  DescribeStackResourceDrifts(region, request) {
    const { parameters } = request;
    const drifts = [...namedStack(region, request).drifts.values()];
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
    return { DetectionStatus: 'DETECTION_FAILED', DetectionStatusReason: failureOf(error).message };
  }
}
