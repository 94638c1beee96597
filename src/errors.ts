import {
  exceptions,
  HandlerErrorCode,
} from '@amazon-web-services-cloudformation/cloudformation-cli-typescript-lib';

/*
 * The errors that the handlers themselves raise. Each has its error code: the library would take it from the
 * name of the class, which a minifier changes. An error of AWS is an AwsError.
 */

/** Thrown where the request is malformed: an ARN, a property, a context. */
export class InvalidRequest extends exceptions.BaseHandlerException {
  constructor(message: string) {
    super(message, HandlerErrorCode.InvalidRequest);
  }
}

/** Thrown where the request contains no credentials of an execution role. */
export class NoExecutionRole extends exceptions.BaseHandlerException {
  constructor() {
    super(
      'The request contains no credentials of an execution role. Register the type with one and make that ' +
        'version the default: --set-default --role-arn, with the output HandlerRoleArn of examples/roles.yml.',
      HandlerErrorCode.InvalidCredentials,
    );
  }
}

/** Thrown by create where the role already has an explicit setting, whoever made it. */
export class AlreadyExists extends exceptions.BaseHandlerException {
  constructor(roleArn: string, region: string, value: string) {
    super(
      `The role already has an explicit awsvpcTrunking setting in ${region} (${value}). To manage it here, import it into ` +
        `the stack by its RoleArn. To create it again, delete the setting first. The role is ${roleArn}.`,
      HandlerErrorCode.AlreadyExists,
    );
  }
}

/** Thrown by read, update and delete where the role has no explicit setting. */
export class NotFound extends exceptions.BaseHandlerException {
  constructor(roleArn: string, region: string) {
    super(
      `${roleArn} has no explicit awsvpcTrunking setting in ${region}; the account default applies to it.`,
      HandlerErrorCode.NotFound,
    );
  }
}

/** Thrown by update where the request names another role: RoleArn is create-only. */
export class NotUpdatable extends exceptions.BaseHandlerException {
  constructor(from: string, to: string) {
    super(
      `RoleArn cannot be updated from ${from} to ${to}: the resource must be replaced.`,
      HandlerErrorCode.NotUpdatable,
    );
  }
}

/** Thrown where ECS has confirmed a change and, after minutes, still does not list it. */
export class NotStabilized extends exceptions.BaseHandlerException {
  constructor(roleArn: string, region: string, value: string) {
    super(
      `ECS confirmed that awsvpcTrunking of ${roleArn} is ${value} in ${region}, but still lists another value. ` +
        'Someone may have changed it meanwhile. Compare with aws ecs list-account-settings, called as that role.',
      HandlerErrorCode.NotStabilized,
    );
  }
}
