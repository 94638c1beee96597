/** The step roles, and the roles that the others use. */
import { remove } from '../cloud-control';
import type { Run } from '../run';
import { deploy, outputsOf } from '../stacks';

/** The roles of a run, by ARN. */
export interface Roles {
  readonly first: string;
  readonly second: string;
  /** Like the others, but for the tag. */
  readonly notOptedIn: string;
}

/** Deploys two roles that opted in, and one that did not. */
export async function createRoles(run: Run): Promise<void> {
  const { names, templates, leftovers } = run;
  await deploy(run, { name: names.stacks.roles, template: templates.roles, isNeeded: true });
  const { first, second } = await rolesOf(run);
  for (const roleArn of [first, second]) {
    leftovers.add({
      what: `the setting of ${roleArn}`,
      commands: [`aws cloudcontrol delete-resource --type-name ${names.typeName} --identifier ${roleArn}`],
      isNeeded: false,
      remove: (cleaning) => remove(cleaning, roleArn),
    });
  }
}

/** The roles that {@link createRoles} made. @throws StepFailed where their stack is not there. */
export async function rolesOf(run: Run): Promise<Roles> {
  const { InstanceRoleArn, SecondRoleArn, NotOptedInRoleArn } = await outputsOf(run, run.names.stacks.roles);
  return { first: InstanceRoleArn ?? '', second: SecondRoleArn ?? '', notOptedIn: NotOptedInRoleArn ?? '' };
}
