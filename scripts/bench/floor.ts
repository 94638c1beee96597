/** The floor: only the SDK's clients, with the same calls to STS and ECS as our handlers. */
import {
  DeleteAccountSettingCommand,
  ECSClient,
  ListAccountSettingsCommand,
  PutAccountSettingCommand,
} from '@aws-sdk/client-ecs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** The part of CloudFormation's request that is used. */
interface Event {
  readonly action: keyof typeof CALLS;
  readonly region: string;
  readonly callbackContext?: object;
  readonly requestData: {
    readonly callerCredentials: Credentials;
    readonly resourceProperties: { readonly RoleArn: string; readonly Trunking?: 'enabled' | 'disabled' };
  };
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

type Trunking = 'enabled' | 'disabled' | undefined;

const name = 'awsvpcTrunking';
const list = (ecs: ECSClient) =>
  ecs.send(new ListAccountSettingsCommand({ name })).then(({ settings }) => settings?.[0]?.value);
const put = (ecs: ECSClient, value: Trunking) => ecs.send(new PutAccountSettingCommand({ name, value }));
const remove = (ecs: ECSClient) => ecs.send(new DeleteAccountSettingCommand({ name }));

/** The calls to ECS in each invocation, after the call to STS. */
const CALLS = {
  CREATE: [[list], [put, list]],
  READ: [[list]],
  UPDATE: [[list, put, list]],
  DELETE: [[list, remove, list]],
} as const;

/** Keeps connections open, as our handlers do. */
const requestHandler = new NodeHttpHandler();

export async function entrypoint({ action, region, callbackContext, requestData }: Event): Promise<object> {
  const { RoleArn, Trunking } = requestData.resourceProperties;
  const credentials = await assume(region, requestData.callerCredentials, RoleArn);
  const ecs = new ECSClient({ region, credentials, requestHandler });
  const isFirst = action === 'CREATE' && !callbackContext;
  let listed: unknown;
  for (const call of CALLS[action][callbackContext ? 1 : 0] ?? []) {
    listed = await call(ecs, Trunking);
  }
  const resourceModel = { RoleArn, Trunking: Trunking ?? listed };
  return {
    status: isFirst ? 'IN_PROGRESS' : 'SUCCESS',
    ...(isFirst && { callbackContext: { checked: true }, callbackDelaySeconds: 0 }),
    ...(action !== 'DELETE' && { resourceModel }),
  };
}

async function assume(region: string, credentials: Credentials, RoleArn: string): Promise<Credentials> {
  const sts = new STSClient({ region, credentials, requestHandler });
  const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'EcsRoleTrunking' });
  const {
    AccessKeyId = '',
    SecretAccessKey = '',
    SessionToken = '',
  } = (await sts.send(command)).Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}
