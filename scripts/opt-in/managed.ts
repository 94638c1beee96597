/** Which stack manages a role, or its setting. */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { IAMClient } from '@aws-sdk/client-iam';
import { awsFailure } from '../command-line/aws-failures';
import { CommandError } from '../command-line/command';
import { findStackOfRole, findStackResource } from '../command-line/stack-resource';
import { readRole } from './role';

/** The clients, and their Region. */
export interface Clients {
  readonly iam: IAMClient;
  readonly cloudformation: CloudFormationClient;
  readonly region: string;
}

/** @throws CommandError naming the stack, or that CloudFormation cannot be asked. */
export async function refuseWhileManaged(
  { iam, cloudformation, region }: Clients,
  roleName: string,
): Promise<void> {
  const { arn } = await readRole(iam, roleName);
  const resource = await findStackResource(cloudformation, arn).catch((error: unknown) => {
    const failure = awsFailure(error);
    throw failure
      ? new CommandError(
          `Whether a stack still manages the setting of this role is not known. ${failure.sentence} ` +
            'Give --force to opt the role out all the same. Nothing was changed.',
          { cause: error },
        )
      : error;
  });
  if (resource?.ResourceType?.endsWith('::Ecs::RoleTrunking')) {
    throw new CommandError(
      `The resource ${resource.LogicalResourceId} of the stack ${resource.StackName} in ${region} still manages the setting ` +
        'of this role; without the permissions, the stack could not be deleted. Delete the resource first, or give --force. ' +
        'Nothing was changed.',
    );
  }
}

/** A sentence for a role that a stack of the Region manages; nothing if there is none, or it is not known. */
export async function managedRoleNote(
  { cloudformation, region }: Clients,
  roleName: string,
): Promise<string | undefined> {
  const stack = await findStackOfRole(cloudformation, roleName).catch((error: unknown) => {
    if (!awsFailure(error)) {
      throw error;
    }
  });
  return stack !== undefined
    ? `The stack ${stack} in ${region} manages this role. Add the three parts to its template instead ` +
        '(docs/opting-in.md): an update of the stack can take away what this command adds.'
    : undefined;
}
