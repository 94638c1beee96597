/** Reads which value of `awsvpcTrunking` applies to a role, and which stack manages it. */
import { type CloudControlClient, GetResourceCommand } from '@aws-sdk/client-cloudcontrol';
import { type CloudFormationClient, ListTypesCommand } from '@aws-sdk/client-cloudformation';
import { type ECSClient, ListAccountSettingsCommand } from '@aws-sdk/client-ecs';
import { findStackResource } from '../command-line/stack-resource';
import type { Calls } from './calls';
import type { SettingFacts, StackResource, Value } from './facts';

/** Where to read. */
export interface SettingReader {
  readonly ecs: ECSClient;
  readonly cloudformation: CloudFormationClient;
  readonly cloudcontrol: CloudControlClient;
  readonly calls: Calls;
}

/** The end of this type's name, whatever its namespace. */
const TYPE = /::Ecs::RoleTrunking$/;

/** The name under which this type is registered in the Region; nothing if it is not, or was not found out. */
export async function findTypeName({ cloudformation, calls }: SettingReader): Promise<string | undefined> {
  const send = (NextToken: string | undefined) =>
    cloudformation.send(new ListTypesCommand({ Visibility: 'PRIVATE', Type: 'RESOURCE', NextToken }));
  const { items } = await calls.all(
    'cloudformation:ListTypes',
    'CloudFormation',
    send,
    (page) => page.TypeSummaries,
  );
  return items.find(({ TypeName = '' }) => TYPE.test(TypeName))?.TypeName;
}

/**
 * The account default. ECS returns it only as what applies to the caller (API reference, ListAccountSettings:
 * `effectiveSettings`), so it stays unknown if the caller has a value of its own.
 */
export async function readAccountDefault({ ecs, calls }: SettingReader): Promise<Value | 'unknown'> {
  const list = (effectiveSettings: boolean) =>
    calls.make('ecs:ListAccountSettings', 'ECS settings', () =>
      ecs.send(new ListAccountSettingsCommand({ name: 'awsvpcTrunking', effectiveSettings })),
    );
  const own = await list(false);
  const effective = own && (await list(true));
  return own?.settings?.length === 0 ? (toValue(effective?.settings?.[0]?.value) ?? 'unknown') : 'unknown';
}

/**
 * The role's own value. Only the role itself can read it: Cloud Control has the handlers of the registered type do so.
 *
 * @param typeName Nothing if the type is not registered: then the value is unknown.
 * @returns the value and, if the handlers failed, what they said.
 */
export async function readOwnValue(
  { cloudcontrol, calls }: SettingReader,
  typeName: string | undefined,
  roleArn: string,
): Promise<{ own: SettingFacts['own']; failure?: string }> {
  if (typeName === undefined) {
    return { own: 'unknown' };
  }
  const command = new GetResourceCommand({ TypeName: typeName, Identifier: roleArn });
  const answer = await calls.make(
    'cloudformation:GetResource',
    'CloudFormation',
    async () => {
      try {
        return await cloudcontrol.send(command);
      } catch (error) {
        const handled = error instanceof Error && fromHandlers(error);
        if (!handled) {
          throw error;
        }
        return handled;
      }
    },
    UNREGISTERED,
  );
  if (!answer || 'own' in answer) {
    return answer ?? { own: 'unknown' };
  }
  const { Trunking } = JSON.parse(answer.ResourceDescription?.Properties ?? '{}') as { Trunking?: string };
  const own = toValue(Trunking);
  return own ? { own } : { own: 'unknown', failure: 'Cloud Control returned no value.' };
}

/** There is a finding of its own for it. */
const UNREGISTERED = ['TypeNotFoundException'];

/** An error that is the handlers' answer, not a refusal to invoke them. Cloud Control gives their code in the message. */
function fromHandlers({ name, message }: Error): { own: SettingFacts['own']; failure?: string } | undefined {
  if (name === 'ResourceNotFoundException') {
    return { own: 'none' };
  }
  return message.includes('HandlerErrorCode') ? { own: 'unknown', failure: message } : undefined;
}

/** The stack resource that manages a role's setting. CloudFormation finds it by its physical ID, the role's ARN. */
export async function readStackResource(
  { cloudformation, calls }: SettingReader,
  roleArn: string,
): Promise<StackResource | undefined> {
  const resource = await calls.make('cloudformation:DescribeStackResources', 'CloudFormation', () =>
    findStackResource(cloudformation, roleArn),
  );
  const found = TYPE.test(resource?.ResourceType ?? '') ? resource : undefined;
  return (
    found && {
      stack: found.StackName ?? '',
      logicalId: found.LogicalResourceId ?? '',
      changedAt: found.Timestamp,
      isNew: found.ResourceStatus === 'CREATE_COMPLETE',
    }
  );
}

function toValue(text: string | undefined): Value | undefined {
  switch (text) {
    case 'enabled':
    case 'on':
      return 'enabled';
    case 'disabled':
    case 'off':
      return 'disabled';
    default:
      return undefined;
  }
}
