/**
 * The same operations written in the stock way: the plugin's class with its decorators and the library's own entry
 * point, with the same calls to STS and ECS. The benchmark builds it in a separate folder.
 */
import {
  Action,
  BaseResource,
  exceptions,
  handlerEvent,
  type LoggerProxy,
  type Optional,
  ProgressEvent,
  type ResourceHandlerRequest,
  type SessionProxy,
} from '@amazon-web-services-cloudformation/cloudformation-cli-typescript-lib';
import type { Caller, Credentials } from 'resource-runtime/testing';
import { deadlineIn, Secrets } from 'resource-runtime/testing';
import { ResourceModel } from '../../src/models';
import type { Trunking } from '../../src/resource';
import { parseRoleArn } from '../../src/role/role-arn';
import { deleteSetting, findSetting, putSetting } from '../../src/setting/account-setting';
import { openSession } from '../../src/setting/setting-session';

type Request = ResourceHandlerRequest<ResourceModel>;
type Answer = Promise<ProgressEvent<ResourceModel>>;

class Resource extends BaseResource<ResourceModel> {
  @handlerEvent(Action.Create)
  public async create(
    session: Optional<SessionProxy>,
    request: Request,
    _: object,
    logger: LoggerProxy,
  ): Answer {
    const { role, trunking } = desired(request);
    logger.log(`Creating for ${role.arn}`);
    const caller = await openSession(
      callerOf(session, request),
      role,
      'ecs:ListAccountSettings',
      'ecs:PutAccountSetting',
    );
    if ((await findSetting(caller)) !== 'absent') {
      throw new exceptions.AlreadyExists(this.typeName, role.arn);
    }
    await putSetting(caller, trunking);
    return ProgressEvent.success(new ResourceModel({ roleArn: role.arn, trunking }));
  }

  @handlerEvent(Action.Read)
  public async read(
    session: Optional<SessionProxy>,
    request: Request,
    _: object,
    logger: LoggerProxy,
  ): Answer {
    const { role } = desired(request);
    logger.log(`Reading ${role.arn}`);
    const caller = await openSession(callerOf(session, request), role, 'ecs:ListAccountSettings');
    const trunking = await findSetting(caller);
    if (trunking === 'absent') {
      throw new exceptions.NotFound(this.typeName, role.arn);
    }
    return ProgressEvent.success(new ResourceModel({ roleArn: role.arn, trunking }));
  }

  @handlerEvent(Action.Update)
  public async update(
    session: Optional<SessionProxy>,
    request: Request,
    _: object,
    logger: LoggerProxy,
  ): Answer {
    const { role, trunking } = desired(request);
    logger.log(`Updating ${role.arn}`);
    const caller = await openSession(
      callerOf(session, request),
      role,
      'ecs:ListAccountSettings',
      'ecs:PutAccountSetting',
    );
    if ((await findSetting(caller)) === 'absent') {
      throw new exceptions.NotFound(this.typeName, role.arn);
    }
    await putSetting(caller, trunking);
    return ProgressEvent.success(new ResourceModel({ roleArn: role.arn, trunking }));
  }

  @handlerEvent(Action.Delete)
  public async delete(
    session: Optional<SessionProxy>,
    request: Request,
    _: object,
    logger: LoggerProxy,
  ): Answer {
    const { role } = desired(request);
    logger.log(`Deleting for ${role.arn}`);
    const caller = await openSession(
      callerOf(session, request),
      role,
      'ecs:ListAccountSettings',
      'ecs:DeleteAccountSetting',
    );
    if ((await findSetting(caller)) === 'absent') {
      throw new exceptions.NotFound(this.typeName, role.arn);
    }
    await deleteSetting(caller);
    return ProgressEvent.success();
  }
}

function desired({ desiredResourceState }: Request) {
  const { roleArn, trunking } = desiredResourceState ?? {};
  return { role: parseRoleArn(textOf(roleArn)), trunking: (textOf(trunking) ?? 'enabled') as Trunking };
}

/**
 * The text of a property. The generated model's transformations are for class-transformer 0.3. The library now uses
 * version 0.5, which passes each of them an object, and so they put that object in place of the value.
 */
function textOf(property: unknown): unknown {
  return typeof property === 'object' && property !== null && 'value' in property ? property.value : property;
}

function callerOf(session: Optional<SessionProxy>, { region }: Request): Caller {
  const credentials = session?.configuration.credentials as Credentials | undefined;
  if (!credentials) {
    throw new exceptions.InvalidCredentials('no credentials');
  }
  const deadline = deadlineIn(50_000, new AbortController().signal);
  return { credentials, region, deadline, secrets: new Secrets(), calls: [] };
}

const resource = new Resource(ResourceModel.TYPE_NAME, ResourceModel);
export const entrypoint = resource.entrypoint;
