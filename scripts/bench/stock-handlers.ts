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
import { openSession, type SettingAction } from '../../src/setting/setting-session';

type Request = ResourceHandlerRequest<ResourceModel>;
type Answer = Promise<ProgressEvent<ResourceModel>>;

/** What the library calls each method with. */
type Given = [session: Optional<SessionProxy>, request: Request, context: object, logger: LoggerProxy];

class Resource extends BaseResource<ResourceModel> {
  @handlerEvent(Action.Create)
  public async create(...given: Given): Answer {
    const { role, trunking, caller } = await begin('Creating for', given, 'ecs:PutAccountSetting');
    if ((await findSetting(caller)) !== 'absent') {
      throw new exceptions.AlreadyExists(this.typeName, role.arn);
    }
    await putSetting(caller, trunking);
    return ProgressEvent.success(new ResourceModel({ roleArn: role.arn, trunking }));
  }

  @handlerEvent(Action.Read)
  public async read(...given: Given): Answer {
    const { role, caller } = await begin('Reading', given);
    const trunking = await this.existing(caller, role.arn);
    return ProgressEvent.success(new ResourceModel({ roleArn: role.arn, trunking }));
  }

  @handlerEvent(Action.Update)
  public async update(...given: Given): Answer {
    const { role, trunking, caller } = await begin('Updating', given, 'ecs:PutAccountSetting');
    await this.existing(caller, role.arn);
    await putSetting(caller, trunking);
    return ProgressEvent.success(new ResourceModel({ roleArn: role.arn, trunking }));
  }

  @handlerEvent(Action.Delete)
  public async delete(...given: Given): Answer {
    const { role, caller } = await begin('Deleting for', given, 'ecs:DeleteAccountSetting');
    await this.existing(caller, role.arn);
    await deleteSetting(caller);
    return ProgressEvent.success();
  }

  private async existing(caller: Caller, roleArn: string): Promise<Trunking> {
    const setting = await findSetting(caller);
    if (setting === 'absent') {
      throw new exceptions.NotFound(this.typeName, roleArn);
    }
    return setting;
  }
}

/** Reads the request, logs it and assumes the role. */
async function begin(verb: string, [session, request, , logger]: Given, ...actions: SettingAction[]) {
  const { roleArn, trunking } = request.desiredResourceState ?? {};
  const role = parseRoleArn(textOf(roleArn));
  logger.log(`${verb} ${role.arn}`);
  const caller = await openSession(callerOf(session, request), role, 'ecs:ListAccountSettings', ...actions);
  return { role, trunking: (textOf(trunking) ?? 'enabled') as Trunking, caller };
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
