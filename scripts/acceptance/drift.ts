import {
  DescribeStackDriftDetectionStatusCommand,
  DescribeStackResourceDriftsCommand,
  DetectStackDriftCommand,
} from '@aws-sdk/client-cloudformation';
import { expectEqual } from './expect';
import { type Run, waitFor } from './run';

/** What a drift detection found. */
export interface Drift {
  /** `IN_SYNC` or `DRIFTED`. */
  readonly stack: string | undefined;
  /** Each resource's `StackResourceDriftStatus` with the differences as `path expected actual`. */
  readonly resources: readonly { readonly status: string | undefined; readonly differences: string[] }[];
}

/** Detects a stack's drift. @throws StepFailed where the detection fails. */
export async function detectDrift(run: Run, stackName: string): Promise<Drift> {
  const { cloudformation } = run.aws;
  const { StackDriftDetectionId } = await cloudformation.send(
    new DetectStackDriftCommand({ StackName: stackName }),
  );
  const detection = await waitFor(run, `drift detection of ${stackName}`, async () => {
    const found = await cloudformation.send(
      new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId }),
    );
    return found.DetectionStatus === 'DETECTION_IN_PROGRESS' ? undefined : found;
  });
  const { DetectionStatus, DetectionStatusReason = '', StackDriftStatus } = detection;
  const what = `drift detection of ${stackName} ${DetectionStatusReason}`.trim();
  expectEqual(what, DetectionStatus, 'DETECTION_COMPLETE');
  const { StackResourceDrifts = [] } = await cloudformation.send(
    new DescribeStackResourceDriftsCommand({ StackName: stackName }),
  );
  return {
    stack: StackDriftStatus,
    resources: StackResourceDrifts.map(({ StackResourceDriftStatus, PropertyDifferences = [] }) => ({
      status: StackResourceDriftStatus,
      differences: PropertyDifferences.map(
        ({ PropertyPath, ExpectedValue, ActualValue }) => `${PropertyPath} ${ExpectedValue} ${ActualValue}`,
      ),
    })),
  };
}
