import type { CloudFormation, Stack } from '@aws-sdk/client-cloudformation';
import type { LocalAccount } from '../src/account';
import { NOTE, NOTE_PACKAGE, registerNote, zip } from '../src/testing/note-type';
import { errorOf, note, REGION, type StackApi, start, template } from './support';

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

const BODY = template(
  { Note: note('one') },
  { Outputs: { Text: { Value: { 'Fn::GetAtt': ['Note', 'Text'] } } } },
);

let account: LocalAccount;
let cloudformation: CloudFormation;
let stacks: StackApi;

beforeAll(async () => {
  ({ account, cloudformation, stacks } = await start());
  await registerNote(account, REGION, {
    'schema.json': JSON.stringify(SCHEMA),
    'ResourceProvider.zip': zip({ 'dist/handlers.js': ECHO }),
  });
});

afterAll(() => account.close());

/** What the handler got, from the output of the stack. */
const received = ({ Outputs }: Stack) => JSON.parse(Outputs?.[0]?.OutputValue ?? '{}');

test('a handler gets the tags of the stack, before and after an update, and those of CloudFormation', async () => {
  const tags = (Value: string) => ({ Tags: [{ Key: 'team', Value }] });
  const created = await stacks.create('tags', BODY, tags('blue'));
  expect(received(created)).toEqual({
    stackTags: { team: 'blue' },
    systemTags: {
      'aws:cloudformation:stack-id': created.StackId,
      'aws:cloudformation:stack-name': 'tags',
      'aws:cloudformation:logical-id': 'Note',
    },
  });
  const updated = await stacks.update('tags', BODY, tags('green'));
  expect(received(updated)).toMatchObject({
    stackTags: { team: 'green' },
    previousStackTags: { team: 'blue' },
  });
});

const TYPE = { Type: 'RESOURCE', TypeName: NOTE } as const;
const configure = (Configuration: string, ConfigurationAlias = 'default') =>
  cloudformation.setTypeConfiguration({ ...TYPE, Configuration, ConfigurationAlias });

test('a handler gets the type configuration that the account has set', async () => {
  const { ConfigurationArn } = await configure('{"Endpoint":"https://inventory.example"}');
  expect(ConfigurationArn).toMatch(/:type-configuration\/resource\/Initech-Memory-Note\/default$/);
  const { typeConfiguration } = received(await stacks.create('configured', BODY));
  expect(typeConfiguration).toEqual({ Endpoint: 'https://inventory.example' });
});

test.each([
  ['what is not JSON', '{', 'ValidationError'],
  ['what breaks the schema of the type', '{"Endpoint":7}', 'CFNRegistryException'],
  ['what lacks a field', '{}', 'CFNRegistryException'],
])('%s is refused as configuration', async (_, text, name) => {
  expect(await errorOf(configure(text))).toMatchObject({ name, status: 400 });
});
