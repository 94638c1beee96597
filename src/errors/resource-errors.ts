import { HandlerError } from 'resource-runtime';

/* The errors that the handlers find themselves, apart from malformed requests. An error of AWS is a ServiceError. */

/** Thrown by create if the role already has an explicit setting, no matter who made it. */
export class AlreadyExists extends HandlerError {
  /** @param value The value of that setting. */
  constructor(roleArn: string, region: string, value: string) {
    super(
      'AlreadyExists',
      `The role already has an explicit awsvpcTrunking setting in ${region} (${value}). To see which stack manages it, ` +
        `run aws cloudformation describe-stack-resources --physical-resource-id ${inShell(roleArn)}. If none does, import the ` +
        'setting into this stack, or delete it and create the stack again.',
    );
  }
}

/** Thrown by read and delete if the role has no explicit setting. */
export class NotFound extends HandlerError {
  constructor(roleArn: string, region: string) {
    super(
      'NotFound',
      `${roleArn} has no explicit awsvpcTrunking setting in ${region}; the account default applies to it.`,
    );
  }
}

/**
 * Thrown by update if the role has no explicit setting. Putting the value would be an upsert, which CloudFormation rules
 * out (CLI user guide, "resource-type-faq"); its suite requires `NotFound` (`contract_update_without_create`).
 */
export class NothingToUpdate extends HandlerError {
  constructor(roleArn: string, region: string) {
    super(
      'NotFound',
      `${roleArn} has no explicit awsvpcTrunking setting in ${region} any more: someone deleted it. If the rollback fails ` +
        'too, continue it with --resources-to-skip. To create the setting again, execute a change set with ' +
        '--deployment-mode REVERT_DRIFT, or remove the resource from the template, deploy, and add it again.',
    );
  }
}

/** Thrown by update if the request names another role: RoleArn is create-only. */
export class NotUpdatable extends HandlerError {
  /** @param from The previous value, quoted. @param to The ARN that the update asks for. */
  constructor(from: string, to: string) {
    super('NotUpdatable', `RoleArn cannot be updated from ${from} to ${to}: the resource must be replaced.`);
  }
}

/** Thrown if ECS has accepted a change and, after minutes, still does not list it. */
export class NotStabilized extends HandlerError {
  /** @param value The new value; `undefined` after a delete. */
  constructor(roleArn: string, region: string, value: string | undefined) {
    super(
      'NotStabilized',
      `ECS ${value ? `changed awsvpcTrunking to ${value}` : 'deleted awsvpcTrunking'} for ${roleArn} in ${region}, but ` +
        'still lists another value. Another principal might have changed it since. Check with aws ecs ' +
        'list-account-settings, called as that role.',
    );
  }
}

/** A word of a command that a user can copy: the path of a role can contain what a shell would run. */
function inShell(word: string): string {
  return /^[\w@+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
