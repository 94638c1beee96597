/** A role in IAM: reading it and changing it. */
import {
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  NoSuchEntityException,
  PutRolePolicyCommand,
  type Role,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CommandError } from '../command-line/command';
import { asObject, type JsonObject, POLICY_NAME } from './documents';
import type { Change, RoleState } from './plan';
import { explain } from './refusals';

/**
 * Reads a role, its tags and the inline policy.
 *
 * @param given The role as the user has given it, for messages.
 * @throws CommandError where there is no such role, or IAM refuses, or returns what is not a role.
 */
export async function readRole(iam: IAMClient, name: string, given = name): Promise<RoleState> {
  try {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: name }));
    return { ...stateOf(name, Role), policy: await readPolicy(iam, name) };
  } catch (error) {
    throw explain(error, given);
  }
}

/** A role as GetRole returns it. @throws CommandError where that is not a role. */
export function stateOf(name: string, role: Role | undefined): Omit<RoleState, 'policy'> {
  const trustPolicy = documentOf(role?.AssumeRolePolicyDocument);
  if (!role?.Arn || !trustPolicy) {
    throw new CommandError(`IAM returned no ARN or no trust policy for the role ${name}. Run this again.`);
  }
  const tags = (role.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value] as const);
  const boundary = role.PermissionsBoundary?.PermissionsBoundaryArn;
  return {
    name,
    arn: role.Arn,
    tags: new Map(tags),
    trustPolicy,
    ...(boundary !== undefined && { boundary }),
  };
}

/** Makes one change of {@link planOptIn} or {@link planUndo}. */
export async function makeChange(
  iam: IAMClient,
  RoleName: string,
  tagKey: string,
  { part, after }: Change,
): Promise<void> {
  const text = typeof after === 'string' ? after : JSON.stringify(after);
  switch (part) {
    case 'trust policy':
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: text }));
      return;
    case 'inline policy': {
      const policy = { RoleName, PolicyName: POLICY_NAME };
      await (after === undefined
        ? iam.send(new DeleteRolePolicyCommand(policy))
        : iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: text })));
      return;
    }
    case 'tag':
      await (after === undefined
        ? iam.send(new UntagRoleCommand({ RoleName, TagKeys: [tagKey] }))
        : iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: tagKey, Value: text }] })));
  }
}

async function readPolicy(iam: IAMClient, RoleName: string): Promise<JsonObject | undefined> {
  try {
    const command = new GetRolePolicyCommand({ RoleName, PolicyName: POLICY_NAME });
    return documentOf((await iam.send(command)).PolicyDocument);
  } catch (error) {
    if (error instanceof NoSuchEntityException) {
      return undefined;
    }
    throw error;
  }
}

/** IAM returns policies as URL-encoded JSON (API reference, GetRole). */
export function documentOf(text: string | undefined): JsonObject | undefined {
  return text === undefined ? undefined : asObject(JSON.parse(decodeURIComponent(text)));
}
