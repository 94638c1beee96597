import {
  type CloudFormationClient,
  DeregisterTypeCommand,
  DescribeTypeCommand,
  DescribeTypeRegistrationCommand,
  ListTypeRegistrationsCommand,
  ListTypesCommand,
  ListTypeVersionsCommand,
  RegisterTypeCommand,
  SetTypeDefaultVersionCommand,
} from '@aws-sdk/client-cloudformation';
import { LocalAccount } from '../../local/account';
import { NOTE, notePackage } from './note-type';
import { ALLOW_ALL, clients, errorOf, policy, REGION } from './support';

/* The registry over HTTP, and which version of a type runs. */

let account: LocalAccount;
let cloudformation: CloudFormationClient;

beforeEach(async () => {
  account = await LocalAccount.start();
  cloudformation = clients(account, account.administrator()).cloudformation;
  account.buckets.create('packages');
});
afterEach(() => account.close());

const TypeName = NOTE;

/** Registers a version. @returns How the registration ended. */
async function register(content = notePackage(), more = {}) {
  account.buckets.put('packages', 'note.zip', content);
  const SchemaHandlerPackage = 's3://packages/note.zip';
  const registering = new RegisterTypeCommand({ Type: 'RESOURCE', TypeName, SchemaHandlerPackage, ...more });
  const { RegistrationToken } = await cloudformation.send(registering);
  return cloudformation.send(new DescribeTypeRegistrationCommand({ RegistrationToken }));
}

test('versions are registered, listed, made the default and deregistered, and the type goes with the last', async () => {
  const arn = `arn:aws:cloudformation:${REGION}:111122223333:type/resource/Initech-Memory-Note`;
  expect(await register()).toMatchObject({
    ProgressStatus: 'COMPLETE',
    TypeArn: arn,
    TypeVersionArn: `${arn}/00000001`,
  });
  await register();
  const types = async () => {
    const { TypeSummaries = [] } = await cloudformation.send(new ListTypesCommand({ Visibility: 'PRIVATE' }));
    return TypeSummaries.map(({ TypeName: name, DefaultVersionId }) => `${name} ${DefaultVersionId}`);
  };
  const versions = async () => {
    const { TypeVersionSummaries = [] } = await cloudformation.send(
      new ListTypeVersionsCommand({ TypeName }),
    );
    return TypeVersionSummaries.map(({ VersionId, IsDefaultVersion }) => `${VersionId} ${IsDefaultVersion}`);
  };
  expect([await types(), await versions()]).toEqual([
    [`${NOTE} 00000001`],
    ['00000001 true', '00000002 false'],
  ]);
  await cloudformation.send(new SetTypeDefaultVersionCommand({ Arn: `${arn}/00000002` }));
  const deregister = (VersionId: string) =>
    cloudformation.send(new DeregisterTypeCommand({ Type: 'RESOURCE', TypeName, VersionId }));
  expect(await errorOf(deregister('00000002'))).toMatchObject({ name: 'CFNRegistryException' });
  await deregister('00000001');
  expect([await types(), await versions()]).toEqual([[`${NOTE} 00000002`], ['00000002 true']]);
  await deregister('00000002');
  expect([await types(), await versions()]).toEqual([[], []]);
  const byName = await cloudformation.send(new DescribeTypeCommand({ Type: 'RESOURCE', TypeName }));
  expect(byName.DeprecatedStatus).toBe('DEPRECATED');
  expect(await errorOf(deregister('00000002'))).toMatchObject({ name: 'TypeNotFoundException' });
  const byArn = await cloudformation.send(new DescribeTypeCommand({ Arn: `${arn}/00000001` }));
  expect(byArn.DeprecatedStatus).toBe('DEPRECATED');
});

test('a registration that fails says why, and is listed as failed', async () => {
  const failed = await register(notePackage({ '.rpdk-config': '{"runtime":"nodejs14.x"}' }));
  expect(failed).toMatchObject({
    ProgressStatus: 'FAILED',
    Description: expect.stringContaining('Internal Failure'),
  });
  await register();
  const failures = { TypeName, RegistrationStatusFilter: 'FAILED' as const };
  const { RegistrationTokenList } = await cloudformation.send(new ListTypeRegistrationsCommand(failures));
  expect(RegistrationTokenList).toHaveLength(1);
});

test('a type is described as it was registered', async () => {
  const trust = policy({
    Effect: 'Allow',
    Principal: { Service: 'resources.cloudformation.amazonaws.com' },
    Action: 'sts:AssumeRole',
  });
  const role = { name: 'execution', assumeRolePolicyDocument: trust, inlinePolicies: [ALLOW_ALL] };
  const ExecutionRoleArn = account.roles.create(role).arn;
  const LoggingConfig = { LogGroupName: 'notes', LogRoleArn: ExecutionRoleArn };
  await register(undefined, { ExecutionRoleArn, LoggingConfig });
  expect(await cloudformation.send(new DescribeTypeCommand({ Type: 'RESOURCE', TypeName }))).toMatchObject({
    TypeName,
    DefaultVersionId: '00000001',
    IsDefaultVersion: true,
    ProvisioningType: 'FULLY_MUTABLE',
    Visibility: 'PRIVATE',
    Schema: expect.stringContaining('"primaryIdentifier"'),
    ExecutionRoleArn,
    LoggingConfig,
  });
});
