import { randomUUID } from 'node:crypto';
import { requiredString } from '../../../gateway/parameters';
import type { DriftDetection, Region, RegionOperation } from '../region';
import { isDrifted, readDrift, stackDrift } from '../stacks/drift';
import { placeIn, type Stack, type StackResource } from '../stacks/stack';
import { invalid } from '../template/document';
import { strings } from './input';
import { liveStack } from './stacks';

/** Drift detection (API reference). */
export const driftOperations: Readonly<Record<string, RegionOperation>> = {
  DetectStackDrift(region, { parameters }) {
    const stack = liveStack(region, requiredString(parameters, 'StackName'));
    const only = strings(parameters, 'LogicalResourceIds');
    const resources = stack.resources.filter(
      ({ logicalId }) => only.length === 0 || only.includes(logicalId),
    );
    return { StackDriftDetectionId: detect(region, stack, resources).id };
  },
  async DescribeStackDriftDetectionStatus(region, { parameters }) {
    const id = requiredString(parameters, 'StackDriftDetectionId');
    const detection = region.driftDetections.get(id);
    if (!detection) {
      throw invalid(`Drift detection ${id} does not exist`);
    }
    await region.settle(detection.ended);
    const { stack, status, reason, resources, time } = detection;
    const isComplete = status === 'DETECTION_COMPLETE';
    return {
      StackId: stack.id,
      StackDriftDetectionId: id,
      DetectionStatus: status,
      DetectionStatusReason: reason,
      StackDriftStatus: isComplete ? stackDrift(resources) : undefined,
      DriftedStackResourceCount: isComplete ? resources.filter(isDrifted).length : undefined,
      Timestamp: time,
    };
  },
  DescribeStackResourceDrifts(region, { parameters }) {
    const stack = region.stacks.get(requiredString(parameters, 'StackName'));
    const wanted = strings(parameters, 'StackResourceDriftStatusFilters');
    const drifts = (stack.drift?.resources ?? []).filter(
      (drift) => wanted.length === 0 || wanted.includes(drift.StackResourceDriftStatus),
    );
    return { StackResourceDrifts: drifts };
  },
  async DetectStackResourceDrift(region, { parameters }) {
    const stack = liveStack(region, requiredString(parameters, 'StackName'));
    const logicalId = requiredString(parameters, 'LogicalResourceId');
    const resource = stack.resources.find((it) => it.logicalId === logicalId);
    if (!resource) {
      throw invalid(`Resource ${logicalId} does not exist for stack ${stack.name}`);
    }
    const detection = detect(region, stack, [resource]);
    await detection.ended;
    const [drift] = detection.resources;
    if (!drift) {
      throw invalid(detection.reason ?? 'Drift detection failed');
    }
    return { StackResourceDrift: drift };
  },
};

function detect(region: Region, stack: Stack, resources: readonly StackResource[]): DriftDetection {
  const reading = Promise.all(
    resources.map((it) =>
      readDrift(region.stacks.options.provider(it.type), placeIn(stack, it.logicalId), it),
    ),
  );
  const detection: DriftDetection = {
    id: randomUUID(),
    stack,
    time: new Date(),
    status: 'DETECTION_IN_PROGRESS',
    resources: [],
    ended: reading.then(
      (drifts) => {
        const checked = new Set(drifts.map((drift) => drift.LogicalResourceId));
        const others = (stack.drift?.resources ?? []).filter(
          (drift) => !checked.has(drift.LogicalResourceId),
        );
        stack.drift = { time: detection.time, resources: [...others, ...drifts] };
        Object.assign(detection, { status: 'DETECTION_COMPLETE', resources: drifts });
      },
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        Object.assign(detection, { status: 'DETECTION_FAILED', reason });
      },
    ),
  };
  region.driftDetections.set(detection.id, detection);
  return detection;
}
