/** A type as the registry has it. */
import {
  type CloudFormationClient,
  DescribeTypeCommand,
  type DescribeTypeCommandOutput,
  TypeNotFoundException,
} from '@aws-sdk/client-cloudformation';

/**
 * The default version of a resource type.
 *
 * @param typeName Such as `Acme::Ecs::RoleTrunking`.
 * @returns nothing where it is not registered, or is not any more.
 * @throws every other error of CloudFormation.
 */
export async function describeType(
  cloudformation: CloudFormationClient,
  typeName: string,
): Promise<DescribeTypeCommandOutput | undefined> {
  try {
    const command = new DescribeTypeCommand({ Type: 'RESOURCE', TypeName: typeName });
    const type = await cloudformation.send(command);
    // What was deregistered can still be described (API reference, DescribeType: DeprecatedStatus).
    return type.DeprecatedStatus === 'DEPRECATED' ? undefined : type;
  } catch (error) {
    if (error instanceof TypeNotFoundException) {
      return undefined;
    }
    throw error;
  }
}
