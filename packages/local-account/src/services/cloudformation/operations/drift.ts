import { randomUUID } from 'node:crypto';
import { requiredString } from '../../../gateway/parameters';
import { asFailure } from '../providers/provider';
import type { RegionalOperation } from '../regional-cloudformation';
import { detectDrift, isDrifted, stackDrift } from '../stacks/drift';
import type { Stack } from '../stacks/stack';
import type { Stacks } from '../stacks/stacks';
import { existing } from '../template/document';
import { isWanted, liveStack, namedStack } from './input';

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
    const detection = existing(
      cloudFormation.driftDetections.get(id),
      `Drift detection ${id} does not exist`,
    );
    const outcome = await cloudFormation.waitFor(detection.ended);
    return { ...detection.about, ...(outcome ?? { DetectionStatus: 'DETECTION_IN_PROGRESS' }) };
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
