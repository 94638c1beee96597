import {
  CreateStackCommand,
  DeregisterTypeCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  DescribeTypeCommand,
  DescribeTypeRegistrationCommand,
  RegisterTypeCommand,
  SetTypeDefaultVersionCommand,
} from '@aws-sdk/client-cloudformation';
import { LocalAccount } from '../../local/account';
import type { Credentials } from '../../local/services/sts/store';
import { NOTE, notePackage, registerNote } from './note-type';
import { clients, errorOf, policy } from './support';

/* What the registry refuses: packages, callers and deregistered versions. */

let account: LocalAccount;
let administrator: Credentials;

beforeEach(async () => {
  account = await LocalAccount.start();
  administrator = account.administrator();
});
afterEach(() => account.close());

const SchemaHandlerPackage = 's3://packages/note.zip';
const REGISTER = new RegisterTypeCommand({ Type: 'RESOURCE', TypeName: NOTE, SchemaHandlerPackage });
const allow = (...Action: string[]) => [
  { name: 'Own', document: policy({ Effect: 'Allow', Action, Resource: '*' }) },
];
const api = (caller = administrator) => clients(account, caller).cloudformation;

/** Registers a version. @returns How the registration ended. */
async function registered() {
  const { RegistrationToken } = await api().send(REGISTER);
  return api().send(new DescribeTypeRegistrationCommand({ RegistrationToken }));
}

test('RegisterType requires s3:GetObject for the package', async () => {
  await registerNote(account);
  const caller = account.createUser('NoObject', allow('cloudformation:*'));
  expect(await errorOf(api(caller).send(REGISTER))).toMatchObject({
    name: 'CFNRegistryException',
    message: expect.stringContaining('Error validating schemaHandlerPackage'),
  });
  const reader = account.createUser('Reader', allow('cloudformation:*', 's3:GetObject'));
  await expect(api(reader).send(REGISTER)).resolves.toBeDefined();
});

test('a type in a template requires s3:GetObject for the package', async () => {
  await registerNote(account);
  const caller = account.createUser('NoObject', allow('cloudformation:*'));
  const Type = {
    Type: 'AWS::CloudFormation::ResourceVersion',
    Properties: { TypeName: NOTE, SchemaHandlerPackage },
  };
  const TemplateBody = JSON.stringify({ Resources: { Type } });
  await api(caller).send(new CreateStackCommand({ StackName: 's', TemplateBody }));
  const { Stacks } = await api().send(new DescribeStacksCommand({ StackName: 's' }));
  expect(Stacks?.[0]?.StackStatus).toBe('ROLLBACK_COMPLETE');
  const { StackEvents = [] } = await api().send(new DescribeStackEventsCommand({ StackName: 's' }));
  expect(StackEvents.map((it) => it.ResourceStatusReason)).toContainEqual(
    expect.stringContaining('Error validating schemaHandlerPackage'),
  );
});

test('a version that is deregistered cannot become the default or be deregistered again', async () => {
  const first = await registerNote(account);
  await registered();
  const Arn = first.replace(/1$/, '2');
  await api().send(new DeregisterTypeCommand({ Arn }));
  for (const again of [new SetTypeDefaultVersionCommand({ Arn }), new DeregisterTypeCommand({ Arn })]) {
    expect(await errorOf(api().send(again as DeregisterTypeCommand))).toMatchObject({
      name: 'TypeNotFoundException',
      status: 404,
    });
  }
  const versionOf = (VersionId?: string) =>
    api().send(new DescribeTypeCommand({ Type: 'RESOURCE', TypeName: NOTE, VersionId }));
  expect(await versionOf()).toMatchObject({ Arn: first, IsDefaultVersion: true });
  expect(await versionOf('00000002')).toMatchObject({ Arn, DeprecatedStatus: 'DEPRECATED' });
  expect(await errorOf(versionOf('00000099'))).toMatchObject({ name: 'TypeNotFoundException' });
});

test.each(['nodejs20.x', 'nodejs99.x', 'python3.13', undefined])(
  'a package for the runtime %s fails to register',
  async (runtime) => {
    account.buckets.create('packages');
    const config = JSON.stringify({ runtime, entrypoint: 'dist/handlers.entrypoint' });
    account.buckets.put('packages', 'note.zip', notePackage({ '.rpdk-config': config }));
    expect(await registered()).toMatchObject({
      ProgressStatus: 'FAILED',
      Description: expect.stringContaining('Internal Failure'),
    });
  },
);
