import {
  type CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { NOTE, registerNote } from 'local-account/testing';
import { LocalAccount } from '../src/account';
import { clients } from './support';

/*
 * What AWS was recorded to answer, from localstack/localstack (tests/aws/services/cloudformation, *.snapshot.json):
 * each source is the name of its test. Other resource types stand for those of the recordings.
 */

let account: LocalAccount;
let cloudformation: CloudFormationClient;

beforeAll(async () => {
  account = await LocalAccount.start();
  cloudformation = clients(account, account.administrator()).cloudformation;
  await registerNote(account);
});
afterAll(() => account.close());

let count = 0;
/** A new stack name, so that tests are independent. */
const newName = () => `stack-${++count}`;

const CAPABILITIES = { Capabilities: ['CAPABILITY_NAMED_IAM' as const] };

/** Creates a stack of one resource. @returns Its events, the newest first. */
async function eventsOf(resource: object) {
  const StackName = newName();
  const TemplateBody = JSON.stringify({ Resources: { Resource: resource } });
  await cloudformation.send(new CreateStackCommand({ StackName, TemplateBody, ...CAPABILITIES }));
  // It waits for the end.
  await cloudformation.send(new DescribeStacksCommand({ StackName }));
  return (await cloudformation.send(new DescribeStackEventsCommand({ StackName }))).StackEvents ?? [];
}

/* Unknown and mistyped properties have no recording in stacks: the words are those that users quote (aws-cdk issue 28984). */
test.each([
  [{ Type: NOTE, Properties: {} }, 'Property validation failure: [The property {/Name} is required]'],
  [
    { Type: 'AWS::IAM::Role', Properties: { Description: 'x' } },
    'Property validation failure: [The property {/AssumeRolePolicyDocument} is required]',
  ],
  [
    { Type: NOTE, Properties: { Name: 'n', Size: 1 } },
    'Properties validation failed for resource Resource with message:\n[#: extraneous key [Size] is not permitted]',
  ],
  [
    { Type: NOTE, Properties: { Name: ['n'], Delay: 'soon' } },
    'Properties validation failed for resource Resource with message:\n' +
      '[#/Name: expected type: String, found: JSONArray, #/Delay: expected type: Number, found: String]',
  ],
])('%j fails before a handler is invoked (test_invalid_stack_deploy)', async (resource, reason) => {
  const calls = account.calls.length;
  const events = await eventsOf(resource);
  const failed = events.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
  expect(failed?.ResourceStatusReason).toBe(reason);
  expect(account.calls.slice(calls).map(({ service }) => service)).toEqual(Array(3).fill('cloudformation'));
});

test('a scalar of a template can stand for another (scalars have any type in templates)', async () => {
  const [last] = await eventsOf({ Type: NOTE, Properties: { Name: 7, Delay: '0' } });
  expect(last?.ResourceStatus).toBe('CREATE_COMPLETE');
});
