import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { LocalAccount } from 'local-account';
import { NOTE, notePackage } from 'local-account/testing';
import { clientEnvironment } from '../../scripts/command-line/client-environment';
import { pythonEnvironment } from '../../scripts/python/environment';

/* The unmodified AWS CLI, with its own waiters, against the local account. */

const programs = pythonEnvironment();
const run = promisify(execFile);

let account: LocalAccount;
let folder: string;

beforeAll(async () => {
  account = await LocalAccount.start();
  folder = mkdtempSync(join(tmpdir(), 'aws-cli-'));
  writeFileSync(join(folder, 'note.zip'), notePackage());
  const template = (attributes: string) => `
Parameters:
  Text: { Type: String, Default: a }
Resources:
  Note: { Type: '${NOTE}', ${attributes}Properties: { Name: deployed, Text: !Ref Text } }
`;
  writeFileSync(join(folder, 'note.yml'), template(''));
  writeFileSync(join(folder, 'import.yml'), template('DeletionPolicy: Retain, '));
  await script(`
    aws s3 mb s3://packages
    aws s3 cp note.zip s3://packages/note.zip
    token=$(aws cloudformation register-type --type RESOURCE --type-name ${NOTE} \\
      --schema-handler-package s3://packages/note.zip --query RegistrationToken --output text)
    aws cloudformation wait type-registration-complete --registration-token $token
  `);
});

afterAll(async () => {
  await account.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs shell commands that stop at the first failure. @returns What they print. */
async function script(commands: string): Promise<string> {
  const { PATH = '', ...rest } = clientEnvironment(account);
  const env = {
    ...rest,
    PATH: `${programs}${delimiter}${PATH}`,
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_PAGER: '',
  };
  const { stdout } = await run('bash', ['-e', '-o', 'pipefail', '-c', commands], { cwd: folder, env });
  return stdout;
}

test('deploy creates and updates a stack and reports when nothing changes, and delete-stack removes it', async () => {
  const output = await script(`
    aws cloudformation deploy --stack-name deployed --template-file note.yml
    aws cloudformation deploy --stack-name deployed --template-file note.yml --parameter-overrides Text=b
    aws cloudformation deploy --stack-name deployed --template-file note.yml --no-fail-on-empty-changeset
    aws cloudformation describe-stacks --stack-name deployed --query 'Stacks[0].[StackStatus,Parameters[0].ParameterValue]' --output text
    aws cloudformation delete-stack --stack-name deployed
    aws cloudformation wait stack-delete-complete --stack-name deployed
  `);
  expect(output.match(/Successfully created\/updated stack - deployed/g)).toHaveLength(2);
  expect(output).toContain('No changes to deploy. Stack deployed is up to date');
  expect(output).toContain('UPDATE_COMPLETE\tb');
});

test('a failed deploy is reported, and the events contain the reason', async () => {
  const failing = script(
    'aws cloudformation deploy --stack-name failing --template-file note.yml --parameter-overrides Text=fail',
  );
  await expect(failing).rejects.toMatchObject({
    stderr: expect.stringContaining('Failed to create/update the stack'),
  });
  const events = await script(`
    aws cloudformation describe-stack-events --stack-name failing \\
      --query 'StackEvents[?ResourceStatus==\`CREATE_FAILED\`].ResourceStatusReason' --output text
    aws cloudformation delete-stack --stack-name failing
  `);
  expect(events).toContain('"The text is fail"');
});

test('create-resource, an import and drift detection work with the waiters', async () => {
  const output = await script(`
    request() { # Waits for the request that it starts.
      token=$(aws cloudcontrol "$@" --type-name ${NOTE} --query ProgressEvent.RequestToken --output text)
      aws cloudcontrol wait resource-request-success --request-token $token
    }
    request create-resource --desired-state '{"Name": "deployed", "Text": "a"}'
    aws cloudformation create-change-set --stack-name imported --change-set-name import --change-set-type IMPORT \\
      --template-body file://import.yml --resources-to-import \\
      '[{"ResourceType":"${NOTE}","LogicalResourceId":"Note","ResourceIdentifier":{"Name":"deployed"}}]' > /dev/null
    aws cloudformation wait change-set-create-complete --stack-name imported --change-set-name import
    aws cloudformation execute-change-set --stack-name imported --change-set-name import
    aws cloudformation wait stack-import-complete --stack-name imported
    request update-resource --identifier deployed --patch-document '[{"op":"replace","path":"/Text","value":"b"}]'
    aws cloudcontrol get-resource --type-name ${NOTE} --identifier deployed --query ResourceDescription.Properties --output text
    id=$(aws cloudformation detect-stack-drift --stack-name imported --query StackDriftDetectionId --output text)
    aws cloudformation describe-stack-drift-detection-status --stack-drift-detection-id $id --query StackDriftStatus --output text
    aws cloudformation describe-stack-resource-drifts --stack-name imported \\
      --query 'StackResourceDrifts[0].PropertyDifferences[0].[PropertyPath,ExpectedValue,ActualValue]' --output text
  `);
  expect(output.trim().split('\n')).toEqual(['{"Name":"deployed","Text":"b"}', 'DRIFTED', '/Text\ta\tb']);
});

test("an invalid template is refused with CloudFormation's own message", async () => {
  const refused = script(
    'aws cloudformation validate-template --template-body "Resources: { A: { Type: AWS::EC2::Instance } }"',
  );
  await expect(refused).rejects.toMatchObject({
    stderr: expect.stringContaining(
      'An error occurred (ValidationError) when calling the ValidateTemplate operation: ' +
        'Template format error: Unrecognized resource types: [AWS::EC2::Instance]',
    ),
  });
});
