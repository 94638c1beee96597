import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { LocalAccount } from '../src/account';
import { NOTE, NOTE_PACKAGE, notePackage, rpdkConfig, zip } from '../src/testing/note-type';
import {
  allow,
  clients,
  createRole,
  errorOf,
  REGION,
  StackApi,
  start,
  template,
  trustService,
  userWith,
} from './support';

/* The registry over HTTP, and which version of a type runs. */

let account: LocalAccount;
let cloudformation: CloudFormation;

beforeEach(async () => {
  ({ account, cloudformation } = await start());
  account.buckets.create('packages');
});
afterEach(() => account.close());

const TypeName = NOTE;
const TYPE = { Type: 'RESOURCE', TypeName } as const;
const SchemaHandlerPackage = 's3://packages/note.zip';

/** The API as a user with permission for these actions. */
const apiWith = (userName: string, ...actions: string[]) =>
  clients(account, userWith(account, userName, allow(actions))).cloudformation;

/** Registers a version. @returns How the registration ended. */
async function register(content = notePackage(), more = {}) {
  account.buckets.put('packages', 'note.zip', content);
  const { RegistrationToken } = await cloudformation.registerType({ ...TYPE, SchemaHandlerPackage, ...more });
  return cloudformation.describeTypeRegistration({ RegistrationToken });
}

test('versions are registered, listed, made the default and deregistered, and the type goes with the last', async () => {
  const arn = `arn:aws:cloudformation:${REGION}:111122223333:type/resource/Initech-Memory-Note`;
  expect(await register()).toMatchObject({
    ProgressStatus: 'COMPLETE',
    Description: expect.stringMatching(/COMPLETED/),
    TypeArn: arn,
    TypeVersionArn: `${arn}/00000001`,
  });
  await register();
  const types = async () => {
    const { TypeSummaries = [] } = await cloudformation.listTypes({ Visibility: 'PRIVATE' });
    return TypeSummaries.map(({ TypeName: name, DefaultVersionId }) => `${name} ${DefaultVersionId}`);
  };
  const versions = async () => {
    const { TypeVersionSummaries = [] } = await cloudformation.listTypeVersions({ TypeName });
    return TypeVersionSummaries.map(({ VersionId, IsDefaultVersion }) => `${VersionId} ${IsDefaultVersion}`);
  };
  expect([await types(), await versions()]).toEqual([
    [`${NOTE} 00000001`],
    ['00000001 true', '00000002 false'],
  ]);
  await cloudformation.setTypeDefaultVersion({ Arn: `${arn}/00000002` });
  const deregister = (version: { VersionId?: string } = {}) =>
    cloudformation.deregisterType({ ...TYPE, ...version });
  const isDefault = {
    name: 'CFNRegistryException',
    message: `Version '00000002' is the default version and cannot be deregistered. Deregister the resource type '${NOTE}' instead.`,
  };
  expect(await errorOf(deregister({ VersionId: '00000002' }))).toMatchObject(isDefault);
  // Recorded: localstack, test_extension_versioning.
  expect(await errorOf(deregister())).toMatchObject({
    name: 'CFNRegistryException',
    message:
      'This type has more than one active version. Please deregister non-default active versions before attempting to deregister the type.',
  });
  await deregister({ VersionId: '00000001' });
  expect([await types(), await versions()]).toEqual([[`${NOTE} 00000002`], ['00000002 true']]);
  const byVersion = cloudformation.deregisterType({ Arn: `${arn}/00000002` });
  expect(await errorOf(byVersion)).toMatchObject(isDefault);
  await deregister();
  expect([await types(), await versions()]).toEqual([[], []]);
  const byName = await cloudformation.describeType(TYPE);
  expect(byName.DeprecatedStatus).toBe('DEPRECATED');
  expect(await errorOf(deregister())).toMatchObject({ name: 'TypeNotFoundException' });
  const byArn = await cloudformation.describeType({ Arn: `${arn}/00000001` });
  expect(byArn.DeprecatedStatus).toBe('DEPRECATED');
});

test('the default version can be changed by its name, but not deregistered by its ARN', async () => {
  await register();
  await register();
  const version = { ...TYPE, VersionId: '00000002' };
  await cloudformation.setTypeDefaultVersion(version);
  const { Arn, DefaultVersionId } = await cloudformation.describeType(version);
  expect(DefaultVersionId).toBe('00000002');
  const deregistering = cloudformation.deregisterType({ Arn });
  expect(await errorOf(deregistering)).toMatchObject({ name: 'CFNRegistryException' });
});

test.each(['Custom', 'amzn', 'Dev'])('the reserved namespace %s is refused', async (namespace) => {
  const refused = register(undefined, { TypeName: `${namespace}::Ecs::RoleTrunking` });
  expect(await errorOf(refused)).toMatchObject({ name: 'CFNRegistryException' });
});

describe('the registration', () => {
  const MEGABYTE = 1024 ** 2;
  const without = (name: string) =>
    zip(Object.fromEntries(Object.entries(NOTE_PACKAGE).filter(([it]) => it !== name)));
  const withHandlers = (archive: Uint8Array) => notePackage({ 'ResourceProvider.zip': archive });
  /** An archive with another size in its directory (PKWARE's APPNOTE.TXT, section 4.3.12), since zipping that much is slow. */
  const unzippingTo = (size: number) => {
    const archive = zip({ 'dist/handlers.js': '' });
    archive.writeUInt32LE(size, archive.indexOf('PK\x01\x02') + 24);
    return archive;
  };
  const withRuntime = (runtime: string | undefined) => notePackage({ '.rpdk-config': rpdkConfig(runtime) });

  test.each<[string, () => Buffer, RegExp]>([
    ['a file that is not a ZIP archive', () => Buffer.from('text'), /not a ZIP archive/],
    ['a package without a schema', () => without('schema.json'), /schema\.json/],
    ['a package without handlers', () => without('ResourceProvider.zip'), /ResourceProvider\.zip/],
    [
      "another type's schema",
      () => notePackage({ 'schema.json': '{"typeName":"Initech::Tps::Other"}' }),
      /Initech::Tps::Other/,
    ],
    [
      'handlers over the zipped limit',
      () => withHandlers(zip({ 'dist/handlers.js': Buffer.alloc(51 * MEGABYTE) })),
      /Internal Failure/,
    ],
    ['handlers over the unzipped limit', () => withHandlers(unzippingTo(251 * MEGABYTE)), /Internal Failure/],
    ...['nodejs14.x', 'nodejs16.x', 'nodejs18.x', 'nodejs20.x', 'nodejs99.x', 'python3.13', undefined].map(
      (it): [string, () => Buffer, RegExp] => [
        `the runtime ${it}`,
        () => withRuntime(it),
        /Internal Failure/,
      ],
    ),
  ])('of %s fails', async (_, content, reason) => {
    expect(await register(content())).toMatchObject({
      ProgressStatus: 'FAILED',
      Description: expect.stringMatching(reason),
    });
  });
});

const UNREADABLE = expect.stringContaining('Error validating schemaHandlerPackage');

test('RegisterType requires s3:GetObject for the package', async () => {
  await register();
  const input = { ...TYPE, SchemaHandlerPackage };
  const refused = await errorOf(apiWith('NoObject', 'cloudformation:*').registerType(input));
  expect(refused).toMatchObject({ name: 'CFNRegistryException', message: UNREADABLE });
  const reader = apiWith('Reader', 'cloudformation:*', 's3:GetObject');
  await expect(reader.registerType(input)).resolves.toBeDefined();
});

test('a type in a template requires s3:GetObject for the package', async () => {
  await register();
  const stacks = new StackApi(apiWith('NoObject', 'cloudformation:*'));
  const Properties = { TypeName, SchemaHandlerPackage };
  const Type = { Type: 'AWS::CloudFormation::ResourceVersion', Properties };
  expect((await stacks.create('s', template({ Type }))).StackStatus).toBe('ROLLBACK_COMPLETE');
  expect(await stacks.reason('s', 'Type CREATE_FAILED')).toEqual(UNREADABLE);
});

test('a version that is deregistered cannot become the default or be deregistered again', async () => {
  const { TypeVersionArn: first } = await register();
  const { TypeVersionArn: Arn } = await register();
  await cloudformation.deregisterType({ Arn });
  for (const again of [
    cloudformation.setTypeDefaultVersion({ Arn }),
    cloudformation.deregisterType({ Arn }),
  ]) {
    expect(await errorOf(again)).toMatchObject({ name: 'TypeNotFoundException', status: 404 });
  }
  const versionOf = (VersionId?: string) => cloudformation.describeType({ ...TYPE, VersionId });
  expect(await versionOf()).toMatchObject({ Arn: first, IsDefaultVersion: true });
  expect(await versionOf('00000002')).toMatchObject({ Arn, DeprecatedStatus: 'DEPRECATED' });
  expect(await errorOf(versionOf('00000099'))).toMatchObject({ name: 'TypeNotFoundException' });
});

test('a registration that failed is listed as failed', async () => {
  await register(Buffer.from('text'));
  await register();
  const failures = { TypeName, RegistrationStatusFilter: 'FAILED' as const };
  const { RegistrationTokenList } = await cloudformation.listTypeRegistrations(failures);
  expect(RegistrationTokenList).toHaveLength(1);
});

test('a type is described as it was registered', async () => {
  const assumeRolePolicyDocument = trustService('resources.cloudformation.amazonaws.com');
  const ExecutionRoleArn = createRole(account, { name: 'execution', assumeRolePolicyDocument }).arn;
  const LoggingConfig = { LogGroupName: 'notes', LogRoleArn: ExecutionRoleArn };
  await register(undefined, { ExecutionRoleArn, LoggingConfig });
  expect(await cloudformation.describeType(TYPE)).toMatchObject({
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
