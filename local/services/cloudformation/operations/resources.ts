import type { Stack, StackEvent } from '../stacks/stack';

/** The status of a resource of a stack: that of its last event. */
type ResourceState = Pick<StackEvent, 'logicalId' | 'type' | 'physicalId' | 'status' | 'reason' | 'time'>;

/** The resources of a stack, with those that are in progress or failed; of a deleted stack, all that it had. */
export function resourcesOf(stack: Stack): ResourceState[] {
  const last = new Map<string, StackEvent>();
  for (const event of stack.events.filter(({ physicalId }) => physicalId !== stack.id)) {
    const current = stack.resources.find(({ logicalId }) => logicalId === event.logicalId);
    // What becomes of a resource that was replaced says nothing about the one that replaced it.
    if (!current || event.physicalId === undefined || event.physicalId === current.physicalId) {
      last.set(event.logicalId, event);
    }
  }
  const isShown = ({ logicalId, status }: StackEvent) =>
    stack.status === 'DELETE_COMPLETE' ||
    stack.resources.some((resource) => resource.logicalId === logicalId) ||
    !/^DELETE_(COMPLETE|SKIPPED)$/.test(status);
  return [...last.values()].filter(isShown);
}

/** In the members of DescribeStackResources. */
export function describeResource(
  stack: Stack,
  { logicalId, type, physicalId, status, reason, time }: ResourceState,
) {
  const drift = stack.drift?.resources.find((it) => it.LogicalResourceId === logicalId);
  return {
    StackName: stack.name,
    StackId: stack.id,
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    Timestamp: time,
    ResourceStatus: status,
    ResourceStatusReason: reason,
    DriftInformation: {
      StackResourceDriftStatus: drift?.StackResourceDriftStatus ?? 'NOT_CHECKED',
      LastCheckTimestamp: drift?.Timestamp,
    },
  };
}
