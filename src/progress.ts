import {
  type HandlerErrorCode,
  ProgressEvent,
} from '@amazon-web-services-cloudformation/cloudformation-cli-typescript-lib';
import type { Trunking } from './account-setting';
import type { CallbackContext, Wait } from './callback-context';
import { ResourceModel } from './models';
import type { RoleArn } from './role-arn';

/** What a handler answers: the library's progress event over the generated model. */
export type Progress = ProgressEvent<ResourceModel, CallbackContext>;

/** The resource: a role, and the value of its setting. Without a value it is the identifier alone. */
export interface RoleTrunking {
  readonly role: RoleArn;
  readonly trunking?: Trunking | undefined;
}

/** `SUCCESS`, with the model but after a delete (handler contract: a successful delete bears none). */
export function success(resource?: RoleTrunking): Progress {
  return ProgressEvent.success(resource && modelOf(resource));
}

/** `SUCCESS` of a list; without a token it was the last page. */
export function listed(resources: readonly RoleTrunking[], nextToken: string | undefined): Progress {
  const progress: Progress = ProgressEvent.success();
  progress.resourceModels = resources.map(modelOf);
  if (nextToken !== undefined) {
    progress.nextToken = nextToken;
  }
  return progress;
}

/** `IN_PROGRESS`: CloudFormation invokes the handler again with the model and the context, after the delay. */
export function inProgress(resource: RoleTrunking, wait: Wait, message: string): Progress {
  const progress: Progress = ProgressEvent.progress(modelOf(resource), wait.context);
  progress.callbackDelaySeconds = wait.delaySeconds;
  progress.message = message;
  return progress;
}

/** `FAILED`. */
export function failed(errorCode: HandlerErrorCode, message: string): Progress {
  return ProgressEvent.failed(errorCode, message);
}

function modelOf({ role, trunking }: RoleTrunking): ResourceModel {
  return new ResourceModel({ roleArn: role.arn, ...(trunking && { trunking }) });
}
