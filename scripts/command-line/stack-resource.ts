/** A resource as its stack has it. */
import {
  type CloudFormationClient,
  DescribeStackResourcesCommand,
  paginateListStackResources,
  type StackResource,
} from '@aws-sdk/client-cloudformation';

/**
 * The stack resource with a physical ID: of a role its name, of a setting the role's ARN.
 *
 * @returns nothing where no stack has such a resource.
 * @throws every other error of CloudFormation.
 */
export async function findStackResource(
  cloudformation: CloudFormationClient,
  physicalId: string,
): Promise<StackResource | undefined> {
  const found = await resourcesBeside(cloudformation, physicalId);
  const isWanted = ({ PhysicalResourceId }: Pick<StackResource, 'PhysicalResourceId'>) =>
    PhysicalResourceId === physicalId;
  const [first] = found;
  if (first === undefined || found.some(isWanted)) {
    return found.find(isWanted);
  }
  const { StackId, StackName } = first;
  for await (const page of paginateListStackResources({ client: cloudformation }, { StackName: StackId })) {
    const summary = page.StackResourceSummaries?.find(isWanted);
    if (summary) {
      return { ...summary, StackId, StackName, Timestamp: summary.LastUpdatedTimestamp };
    }
  }
  return undefined;
}

/** The name of the stack that has a role; nothing where none has it. @throws every other error of CloudFormation. */
export async function findStackOfRole(
  cloudformation: CloudFormationClient,
  roleName: string,
): Promise<string | undefined> {
  const resource = await findStackResource(cloudformation, roleName);
  return resource?.ResourceType === 'AWS::IAM::Role' ? resource.StackName : undefined;
}

/** The first 100 resources of the stack that has one with this ID (API reference, DescribeStackResources). */
async function resourcesBeside(
  cloudformation: CloudFormationClient,
  PhysicalResourceId: string,
): Promise<StackResource[]> {
  try {
    const command = new DescribeStackResourcesCommand({ PhysicalResourceId });
    const { StackResources = [] } = await cloudformation.send(command);
    return StackResources;
  } catch (error) {
    // No stack has a resource with this ID.
    if (error instanceof Error && error.name === 'ValidationError') {
      return [];
    }
    throw error;
  }
}
