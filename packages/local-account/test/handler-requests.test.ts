import {
  type CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { LocalAccount } from '../src/account';
import { registerNote, zip } from '../src/testing/note-type';
import { clients, note, REGION, template } from './support';

/* The tags that a handler gets besides properties (CloudFormation's protocol 2.0.0). */

/** Each answer is a model whose text is what the handler got. */
const ECHO = `
exports.entrypoint = async ({ requestData }) => {
  const { resourceProperties, stackTags, previousStackTags, systemTags } = requestData;
  const Text = JSON.stringify({ stackTags, previousStackTags, systemTags });
  return { status: 'SUCCESS', resourceModel: { ...resourceProperties, Text } };
};`;

const TemplateBody = template(
  { Note: note('one') },
  { Outputs: { Text: { Value: { 'Fn::GetAtt': ['Note', 'Text'] } } } },
);

let account: LocalAccount;
let cloudformation: CloudFormationClient;

beforeAll(async () => {
  account = await LocalAccount.start();
  cloudformation = clients(account, account.administrator()).cloudformation;
  await registerNote(account, REGION, { 'ResourceProvider.zip': zip({ 'dist/handlers.js': ECHO }) });
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
