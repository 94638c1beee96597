import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import { NOTE, registerNote } from 'local-account/testing';
import type { LocalAccount } from '../src/account';
import { errorOf, NAMED_IAM, newName, type StackApi, start, template } from './support';

/*
 * What AWS was recorded to answer, from localstack/localstack (tests/aws/services/cloudformation, *.snapshot.json):
 * each source is the name of its test. Other resource types stand for those of the recordings.
 */

let account: LocalAccount;
let cloudformation: CloudFormation;
let stacks: StackApi;

beforeAll(async () => {
  ({ account, cloudformation, stacks } = await start());
  await registerNote(account);
});
afterAll(() => account.close());

/** Creates a stack of one resource. @returns Its name. */
async function stackOf(resource: object): Promise<string> {
  const name = newName();
  await stacks.create(name, template({ Resource: resource }), NAMED_IAM);
  return name;
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
  expect(await stacks.reason(await stackOf(resource), 'Resource CREATE_FAILED')).toBe(reason);
  const services = account.calls.slice(calls).map(({ service }) => service);
  expect(new Set(services)).toEqual(new Set(['cloudformation']));
});

test('a scalar of a template can stand for another (scalars have any type in templates)', async () => {
  const name = await stackOf({ Type: NOTE, Properties: { Name: 7, Delay: '0' } });
  expect((await stacks.describe(name)).StackStatus).toBe('CREATE_COMPLETE');
});

test('a replacement has the old physical ID until there is a new one (test_immutable_property_update_causes_resource_replacement)', async () => {
  const StackName = newName();
  const bucket = (BucketName: string) =>
    template({ Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName } } });
  await stacks.create(StackName, bucket('before'));
  await stacks.update(StackName, bucket('after'));
  const events = (await stacks.events(StackName)).filter((it) => it.LogicalResourceId === 'Bucket');
  expect(events.map((it) => `${it.ResourceStatus} ${it.PhysicalResourceId}`)).toEqual([
    'CREATE_IN_PROGRESS ',
    'CREATE_IN_PROGRESS before',
    'CREATE_COMPLETE before',
    'UPDATE_IN_PROGRESS before',
    'UPDATE_IN_PROGRESS after',
    'UPDATE_COMPLETE after',
    'DELETE_IN_PROGRESS before',
    'DELETE_COMPLETE before',
  ]);
});

const create = (template: object, StackName = newName()) =>
  cloudformation.createStack({ StackName, TemplateBody: JSON.stringify(template) });
const HANDLE = { Type: 'AWS::CloudFormation::WaitConditionHandle' };
const Resources = { R: HANDLE };
const noted = (Text: unknown) => ({ Resources: { R: { Type: NOTE, Properties: { Name: 'n', Text } } } });

test.each([
  [
    'test_invalid_output_structure',
    { Resources, Outputs: { O: { Value: null } } },
    "[/Outputs/O/Value] 'null' values are not allowed in templates",
  ],
  [
    'test_invalid_output_structure',
    { Resources, Outputs: { O: {} } },
    'Template format error: Every Outputs member must contain a Value object',
  ],
  [
    'test_resources_blocks',
    { Resources: { R: { ...HANDLE, Invalid: 1 } } },
    "Invalid template resource property 'Invalid'",
  ],
  [
    'test_resources_blocks',
    { Resources: { R: {} } },
    'Template format error: [/Resources/R] Every Resources object must contain a Type member.',
  ],
  [
    'test_missing_resources_block',
    {},
    'Template format error: At least one Resources member must be defined.',
  ],
  [
    'test_linting_error_during_creation',
    { Resources: { R: 'x' } },
    'Template format error: Any Resources member must be an object.',
  ],
  [
    'test_invalid_logical_resource_id',
    { Resources: { 'a-b': HANDLE } },
    'Template format error: Resource name a-b is non alphanumeric.',
  ],
  [
    'test_using_pseudoparameters_in_places',
    { Parameters: { 'A::B': { Type: 'String' } }, Resources },
    'Template format error: Parameter name A::B is non alphanumeric.',
  ],
  [
    'test_mapping_maximum_nesting_depth',
    { Mappings: { M: { A: { B: {} } } }, Resources },
    'Template format error: Every Mappings attribute must be a String or a List.',
  ],
  [
    'test_mapping_minimum_nesting_depth',
    { Mappings: { M: { A: 'x' } }, Resources },
    'Template format error: Every Mappings member A must be a map',
  ],
  [
    'test_mapping_with_nonexisting_key',
    { Mappings: { M: { A: { B: 'x' } } }, ...noted({ 'Fn::FindInMap': ['M', 'C', 'B'] }) },
    'Template error: Unable to get mapping for M::C::B',
  ],
  [
    'test_validate_equals_args_len',
    { Conditions: { C: { 'Fn::Equals': ['a'] } }, Resources },
    'Template error: every Fn::Equals object requires a list of 2 string parameters.',
  ],
  [
    'test_missing_condition',
    noted({ 'Fn::If': ['C', 'a', 'b'] }),
    'Template error: unresolved condition dependency C in Fn::If',
  ],
  [
    'test_invalid_select_index_type',
    noted({ 'Fn::Select': ['x', ['a']] }),
    'Template error: Fn::Select requires a list argument with two elements: an integer index and a list',
  ],
  [
    'test_invalid_structure',
    noted({ 'Fn::GetAtt': ['R'] }),
    'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
  ],
  [
    'test_output_reference_to_skipped_resource',
    {
      Conditions: { C: { 'Fn::Equals': ['a', 'b'] } },
      Resources: { ...Resources, S: { ...HANDLE, Condition: 'C' } },
      Outputs: { O: { Value: { Ref: 'S' } } },
    },
    'Unresolved resource dependencies [S] in the Outputs block of the template',
  ],
])('%s: the template %j is refused', async (_, template, message) => {
  expect(await errorOf(create(template))).toMatchObject({ name: 'ValidationError', status: 400, message });
});

test('a template of more than 51,200 bytes is refused (test_to_validate_template_limit_for_macro)', async () => {
  const error = await errorOf(create({ Metadata: { x: 'x'.repeat(51_200) }, Resources }));
  expect(error.message).toMatch(/ at 'templateBody' failed .* have length less than or equal to 51200$/);
});

test('Fn::Equals compares as text, so that true equals "true" (test_dependency_in_non_evaluated_if_branch)', async () => {
  const StackName = newName();
  await create(
    {
      Parameters: { P: { Type: 'String', Default: 'true' } },
      Conditions: { C: { 'Fn::Equals': [{ Ref: 'P' }, true] }, D: { 'Fn::Equals': ['1', 1] } },
      Resources: { A: { ...HANDLE, Condition: 'C' }, B: { ...HANDLE, Condition: 'D' } },
      Outputs: { O: { Value: { 'Fn::If': ['C', 'equal', 'different'] } } },
    },
    StackName,
  );
  expect((await stacks.describe(StackName)).Outputs).toEqual([{ OutputKey: 'O', OutputValue: 'equal' }]);
});

test('a deletion policy can be Fn::If or Ref', async () => {
  const policies = {
    DeletionPolicy: { Ref: 'P' },
    UpdateReplacePolicy: { 'Fn::If': ['C', 'Retain', 'Delete'] },
  };
  const template = (Default: string) => ({
    Parameters: { P: { Type: 'String', Default } },
    Conditions: { C: { 'Fn::Equals': [1, 1] } },
    Resources: { R: { ...HANDLE, ...policies } },
  });
  expect(await create(template('Retain'))).toMatchObject({ StackId: expect.any(String) });
  expect((await errorOf(create(template('Keep')))).message).toContain('Unrecognized DeletionPolicy Keep');
});

const none = { StackName: 'none' };

test.each<[string, (api: CloudFormation) => Promise<unknown>, string]>([
  ['test_non_existing_stack_message', (api) => api.describeStacks(none), 'Stack with id none does not exist'],
  [
    'test_describe_stack_events_errors',
    (api) => api.describeStackEvents(none),
    'Stack [none] does not exist',
  ],
  [
    'test_describe_non_existent_stack',
    (api) => api.describeStackResource({ ...none, LogicalResourceId: 'R' }),
    "Stack 'none' does not exist",
  ],
  [
    'test_describe_change_set_nonexisting',
    (api) => api.describeChangeSet({ ...none, ChangeSetName: 'c' }),
    'Stack [none] does not exist',
  ],
  [
    'test_delete_change_set_exception',
    (api) => api.deleteChangeSet({ ChangeSetName: 'c' }),
    'StackName must be specified if ChangeSetName is not specified as an ARN.',
  ],
  [
    'test_get_template_no_arguments',
    (api) => api.getTemplate(),
    'StackName is required if ChangeSetName is not specified.',
  ],
  [
    'test_get_template_missing_resources_change_set',
    (api) => api.getTemplate({ ChangeSetName: 'c' }),
    'StackName is a required parameter.',
  ],
])('%s: what does not exist has the words of its operation', async (_, call, message) => {
  const refused = await errorOf(call(cloudformation));
  expect(refused).toMatchObject({ name: 'ValidationError', status: 400, message });
});

test('registrations are listed while they are in progress, unless a status is asked for (test_crud_extension)', async () => {
  const list = async (more = {}) => {
    const answer = await cloudformation.listTypeRegistrations({ TypeName: NOTE, ...more });
    return answer.RegistrationTokenList;
  };
  expect(await list()).toEqual([]);
  expect(await list({ RegistrationStatusFilter: 'COMPLETE' })).toEqual([expect.any(String)]);
});
