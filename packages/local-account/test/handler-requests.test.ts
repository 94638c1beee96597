import {
  type CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  SetTypeConfigurationCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { LocalAccount } from '../src/account';
import { NOTE, NOTE_PACKAGE, registerNote, zip } from '../src/testing/note-type';
import { clients, errorOf, note, REGION, template } from './support';

/* What a handler gets besides properties: tags and the type configuration (CloudFormation's protocol 2.0.0). */

/** Each answer is a model whose text is what the handler got. */
const ECHO = `
exports.entrypoint = async ({ requestData }) => {
  const { resourceProperties, stackTags, previousStackTags, systemTags, typeConfiguration } = requestData;
  const Text = JSON.stringify({ stackTags, previousStackTags, systemTags, typeConfiguration });
  return { status: 'SUCCESS', resourceModel: { ...resourceProperties, Text } };
};`;

const SCHEMA = {
  ...JSON.parse(String(NOTE_PACKAGE['schema.json'])),
  typeConfiguration: {
    properties: { Endpoint: { type: 'string' } },
    required: ['Endpoint'],
    additionalProperties: false,
  },
};

const TemplateBody = template(
  { Note: note('one') },
  { Outputs: { Text: { Value: { 'Fn::GetAtt': ['Note', 'Text'] } } } },
);

let account: LocalAccount;
let cloudformation: CloudFormationClient;

beforeAll(async () => {
  account = await LocalAccount.start();
  cloudformation = clients(account, account.administrator()).cloudformation;
  await registerNote(account, REGION, {
    'schema.json': JSON.stringify(SCHEMA),
    'ResourceProvider.zip': zip({ 'dist/handlers.js': ECHO }),
  });
});

afterAll(() => account.close());

/** What the handler got, from the output of the stack. */
async function received(StackName: string) {
  for (;;) {
    const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
    const { StackStatus, StackId, Outputs } = Stacks[0] ?? {};
    if (!StackStatus?.endsWith('_IN_PROGRESS')) {
      return { StackId, ...JSON.parse(Outputs?.[0]?.OutputValue ?? '{}') };
    }
  }
}

test('a handler gets the tags of the stack, before and after an update, and those of CloudFormation', async () => {
  const before = [{ Key: 'team', Value: 'blue' }];
  const StackName = 'tags';
  await cloudformation.send(new CreateStackCommand({ StackName, TemplateBody, Tags: before }));
  const { StackId, ...created } = await received(StackName);
  expect(created).toEqual({
    stackTags: { team: 'blue' },
    systemTags: {
      'aws:cloudformation:stack-id': StackId,
      'aws:cloudformation:stack-name': StackName,
      'aws:cloudformation:logical-id': 'Note',
    },
  });
  const Tags = [{ Key: 'team', Value: 'green' }];
  await cloudformation.send(new UpdateStackCommand({ StackName, UsePreviousTemplate: true, Tags }));
  expect(await received(StackName)).toMatchObject({
    stackTags: { team: 'green' },
    previousStackTags: { team: 'blue' },
  });
});

const configure = (Configuration: string, ConfigurationAlias = 'default') =>
  cloudformation.send(
    new SetTypeConfigurationCommand({ Type: 'RESOURCE', TypeName: NOTE, Configuration, ConfigurationAlias }),
  );

test('a handler gets the type configuration that the account has set', async () => {
  const { ConfigurationArn } = await configure('{"Endpoint":"https://inventory.example"}');
  expect(ConfigurationArn).toMatch(/:type-configuration\/resource\/Initech-Memory-Note\/default$/);
  const StackName = 'configured';
  await cloudformation.send(new CreateStackCommand({ StackName, TemplateBody }));
  expect((await received(StackName)).typeConfiguration).toEqual({ Endpoint: 'https://inventory.example' });
});

test.each([
  ['what is not JSON', '{', 'ValidationError'],
  ['what breaks the schema of the type', '{"Endpoint":7}', 'CFNRegistryException'],
  ['what lacks a field', '{}', 'CFNRegistryException'],
])('%s is refused as configuration', async (_, text, name) => {
  expect(await errorOf(configure(text))).toMatchObject({ name, status: 400 });
});
