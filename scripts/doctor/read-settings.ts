/** Reads which value of `awsvpcTrunking` applies to a role, and which stack manages it. */
import { GetResourceCommand, type GetResourceCommandOutput } from '@aws-sdk/client-cloudcontrol';
import { ListTypesCommand } from '@aws-sdk/client-cloudformation';
import { ListAccountSettingsCommand } from '@aws-sdk/client-ecs';
import { findStackResource } from '../command-line/stack-resource';
import type { Reader } from './calls';
import type { SettingFacts, StackResource, Value } from './facts';

/** The end of this type's name, whatever its namespace. */
const TYPE = /::Ecs::RoleTrunking$/;

/** The name under which this type is registered in the Region; nothing if it is not, or was not found out. */
export async function findTypeName({ cloudformation, calls }: Reader): Promise<string | undefined> {
  const send = (NextToken: string | undefined) =>
    cloudformation.send(new ListTypesCommand({ Visibility: 'PRIVATE', Type: 'RESOURCE', NextToken }));
  const { items } = await calls.all('cloudformation:ListTypes', send, ({ TypeSummaries }) => TypeSummaries);
  return items.find(({ TypeName = '' }) => TYPE.test(TypeName))?.TypeName;
}

/**
 * The account default. ECS returns it only as what applies to the caller (API reference, ListAccountSettings:
 * `effectiveSettings`), so it stays unknown if the caller has a value of its own.
 */
export async function readAccountDefault({ ecs, calls }: Reader): Promise<Value | 'unknown'> {
  const list = (effectiveSettings: boolean) =>
    calls.make('ecs:ListAccountSettings', () =>
      ecs.send(new ListAccountSettingsCommand({ name: 'awsvpcTrunking', effectiveSettings })),
    );
  const own = await list(false);
  const effective = own && (await list(true));
  return own?.settings?.length === 0 ? (toValue(effective?.settings?.[0]?.value) ?? 'unknown') : 'unknown';
}

/** The role's own value and, if the handlers failed, what they said. */
type OwnValue = Pick<SettingFacts, 'own' | 'failure'>;

const UNKNOWN: OwnValue = { own: 'unknown', failure: undefined };

/**
 * The role's own value. Only the role itself can read it: Cloud Control has the handlers of the registered type do so.
 *
 * @param typeName Nothing if the type is not registered: then the value is unknown.
 */
export async function readOwnValue(
  { cloudcontrol, calls }: Reader,
  typeName: string | undefined,
  roleArn: string,
): Promise<OwnValue> {
  if (typeName === undefined) {
    return UNKNOWN;
  }
  const command = new GetResourceCommand({ TypeName: typeName, Identifier: roleArn });
  const answer = await calls.make('cloudformation:GetResource', () =>
    cloudcontrol.send(command).then(returned, failed),
  );
  return answer ?? UNKNOWN;
}

function returned({ ResourceDescription }: GetResourceCommandOutput): OwnValue {
  const { Trunking } = JSON.parse(ResourceDescription?.Properties ?? '{}') as { Trunking?: string };
  const own = toValue(Trunking);
  return own ? { own, failure: undefined } : { ...UNKNOWN, failure: 'Cloud Control returned no value.' };
}

/** @throws a refusal to invoke the handlers. Where they failed, Cloud Control gives their error code in the message. */
function failed(error: unknown): OwnValue {
  const { name, message } = error as Error;
  if (name === 'ResourceNotFoundException') {
    return { own: 'none', failure: undefined };
  }
  // That the type is not registered is a finding about the registration.
  if (name === 'TypeNotFoundException') {
    return UNKNOWN;
  }
  if (message.includes('HandlerErrorCode')) {
    return { ...UNKNOWN, failure: message };
  }
  throw error;
}

/** The stack resource that manages a role's setting. CloudFormation finds it by its physical ID, the role's ARN. */
export async function readStackResource(
  { cloudformation, calls }: Reader,
  roleArn: string,
): Promise<StackResource | undefined> {
  const resource = await calls.make('cloudformation:DescribeStackResources', () =>
    findStackResource(cloudformation, roleArn),
  );
  if (!resource || !TYPE.test(resource.ResourceType ?? '')) {
    return undefined;
  }
  const { StackName: stack = '', Timestamp: changedAt, ResourceStatus } = resource;
  return { stack, changedAt, isNew: ResourceStatus === 'CREATE_COMPLETE' };
}

function toValue(text: string | undefined): Value | undefined {
  const isOn = text === 'enabled' || text === 'on';
  const isOff = text === 'disabled' || text === 'off';
  return isOn ? 'enabled' : isOff ? 'disabled' : undefined;
}
