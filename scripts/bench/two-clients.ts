/** The floor: a read by the two SDK clients alone, with nothing around them. */
import { ECSClient, ListAccountSettingsCommand } from '@aws-sdk/client-ecs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

/** The part of CloudFormation's request that is used. */
interface Event {
  readonly region: string;
  readonly requestData: {
    readonly callerCredentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
    readonly resourceProperties: { readonly RoleArn: string };
  };
}

export async function entrypoint({ region, requestData }: Event): Promise<object> {
  const { callerCredentials: credentials, resourceProperties } = requestData;
  const sts = new STSClient({ region, credentials });
  const { RoleArn } = resourceProperties;
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'EcsRoleTrunking' }),
  );
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  const session = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const ecs = new ECSClient({ region, credentials: session });
  const { settings = [] } = await ecs.send(new ListAccountSettingsCommand({ name: 'awsvpcTrunking' }));
  return { status: 'SUCCESS', resourceModel: { RoleArn, Trunking: settings[0]?.value } };
}
