import {
  exceptions,
  HandlerErrorCode,
} from '@amazon-web-services-cloudformation/cloudformation-cli-typescript-lib';
import type { RoleArn } from './role-arn';

/*
 * What the handlers themselves have to say no to. Each bears its error code: the library would take it from
 * the name of the class, which a minifier changes. What AWS says no to is an AwsError.
 */

/** Thrown where the request cannot be meant: an ARN, a property, a context that is none. */
export class InvalidRequest extends exceptions.BaseHandlerException {
  constructor(message: string) {
    super(message, HandlerErrorCode.InvalidRequest);
  }
}

/** Thrown where the request bears no credentials of an execution role. */
export class NoExecutionRole extends exceptions.BaseHandlerException {
  constructor() {
    super(
      'The request bears no credentials of an execution role. Register the type with one and make that ' +
        'version the default: --set-default --role-arn, with the output HandlerRoleArn of examples/roles.yml.',
      HandlerErrorCode.InvalidCredentials,
    );
  }
}

/** Thrown by create where the role has an explicit setting already, whoever made it. */
export class AlreadyExists extends exceptions.BaseHandlerException {
  constructor(role: RoleArn, region: string, value: string) {
    super(
      `The role has an explicit awsvpcTrunking setting in ${region} already (${value}). To manage it here, import it into ` +
        `the stack by its RoleArn; to start anew, delete the setting first. The role is ${role.arn}.`,
      HandlerErrorCode.AlreadyExists,
    );
  }
}

/** Thrown by read, update and delete where the role has no explicit setting. */
export class NotFound extends exceptions.BaseHandlerException {
  constructor(role: RoleArn, region: string) {
    super(
      `${role.arn} has no explicit awsvpcTrunking setting in ${region}; the account default applies to it.`,
      HandlerErrorCode.NotFound,
    );
  }
}

/** Thrown by update where the request asks for another role: RoleArn is create-only. */
export class NotUpdatable extends exceptions.BaseHandlerException {
  constructor(from: RoleArn, to: RoleArn) {
    super(
      `RoleArn cannot be updated from ${from.arn} to ${to.arn}: it needs a replacement.`,
      HandlerErrorCode.NotUpdatable,
    );
  }
}
