/** The sections whose commands are run, in order, and what each of them assumes. */

/** A section of a page. */
export interface Section {
  readonly page: string;
  readonly heading: string;
  /** Which of its lines are run; defaults to all. */
  readonly lines?: RegExp;
  /** The folder that its commands run in, from the project's; defaults to the project's. */
  readonly folder?: string;
  /** A shell script that makes what the section assumes. */
  readonly given?: string;
  /** Values for words in capitals. Other values come from the output of earlier commands. */
  readonly values?: Readonly<Record<string, string>>;
  /** What commands must print, by how they begin. */
  readonly prints?: Readonly<Record<string, RegExp>>;
  /** Commands that show a status, by how they begin: repeated until they print this. */
  readonly repeats?: Readonly<Record<string, RegExp>>;
  /** Commands that must fail as the page says, by how they begin, with what they print. */
  readonly fails?: Readonly<Record<string, RegExp>>;
}

const ACCOUNT = '111122223333';
const role = (name: string) => ({ ROLE_NAME: name, ROLE_ARN: `arn:aws:iam::${ACCOUNT}:role/${name}` });

/** The roles of three clusters. */
const [WEB, BATCH, BUILD] = [role('web-instances'), role('batch-instances'), role('build-instances')];

const PACKAGES = { BUCKET: 'acme-packages' };
const QUICKSTART = { BUCKET: 'acme-quickstart' };
const QUICK = role('quick-instances');

const deployQuickstart = (parameters: string) =>
  `aws cloudformation deploy --template-file build/acme/examples/quickstart.yml --stack-name quickstart --parameter-overrides Bucket=${QUICKSTART.BUCKET} ${parameters} --capabilities CAPABILITY_IAM`;

const createRole = (name: string) => `aws iam create-role --role-name ${name} --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": [{ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }]
}'`;

/** Makes a request of the Cloud Control API for the type, and waits until it succeeds. */
const request = (operation: string) => `
token=$(aws cloudcontrol ${operation} --type-name Acme::Ecs::RoleTrunking \\
  --query ProgressEvent.RequestToken --output text)
aws cloudcontrol wait resource-request-success --request-token $token`;

/** Makes a setting, as the root user or anyone with a session of the role could. */
const setByHand = (arn: string) =>
  `${request(`create-resource --desired-state '{"RoleArn":"${arn}","Trunking":"enabled"}'`)} ||
  { aws cloudcontrol get-resource-request-status --request-token $token; exit 1; }`;

/** Deletes a setting that a stack has left behind, if there is one. */
const unset = (arn: string) => `${request(`delete-resource --identifier ${arn}`)} || true`;

/** Changes a setting, as anyone could, so that its stack has drifted. */
const changedByHand = (arn: string) =>
  request(
    `update-resource --identifier ${arn} --patch-document '[{"op":"replace","path":"/Trunking","value":"disabled"}]'`,
  );

/** Registers a package in a bucket as another version of the type. */
const registerAgain = (s3Path: string) => `
token=$(aws cloudformation register-type --type RESOURCE --type-name Acme::Ecs::RoleTrunking \\
  --schema-handler-package s3://${s3Path} --query RegistrationToken --output text)
aws cloudformation wait type-registration-complete --registration-token $token`;

/** Writes a template to a file. `Kept` stands for the rest of the stack, which the local account does not support. */
const template = (name: string, more: string) => `
cat > ${name} <<'END'
Resources:
  Kept: { Type: AWS::CloudFormation::WaitConditionHandle }
${more}
END`;

/** Writes a template with the resource and a deletion policy to a file. */
const trunkingTemplate = (name: string, arn: string, policy = '') =>
  template(
    name,
    `  RoleTrunking:
    Type: Acme::Ecs::RoleTrunking
    ${policy}
    Properties: { RoleArn: '${arn}', Trunking: enabled }`,
  );

/** The app of the examples, for a role that is opted in. */
const CDK = {
  page: 'docs/other-tools.md',
  heading: 'CDK',
  folder: 'build/acme/examples/cdk',
  values: BUILD,
} as const;

/** The pages for `register.yml`, beginning with the README. */
export const WITH_REGISTER_YML: readonly Section[] = [
  {
    page: 'docs/rolling-out.md',
    heading: 'Everything with one deploy',
    lines: /^(?!.*(delete-stack|stack-delete-complete))/,
    given: 'aws s3 mb s3://acme-quickstart',
    values: QUICKSTART,
    prints: { 'aws cloudformation describe-stacks': /role\/quickstart-InstanceRole-/ },
  },
  {
    page: 'docs/rolling-out.md',
    heading: 'Everything with one deploy',
    lines: /delete-stack|stack-delete-complete/,
    given: `aws s3 cp build/acme s3://acme-quickstart/1.2.0 --recursive --exclude "*" --include "*.zip" --include "examples/*"
${deployQuickstart('Folder=1.2.0')}
aws cloudformation list-type-versions --type RESOURCE --type-name Acme::Ecs::RoleTrunking | grep 00000002`,
    values: QUICKSTART,
  },
  {
    page: 'docs/rolling-out.md',
    heading: 'Everything with one deploy',
    lines: /delete-stack|stack-delete-complete/,
    given: `${createRole(QUICK.ROLE_NAME)}
npm run opt-in -- --role ${QUICK.ROLE_NAME} --yes
${deployQuickstart(`Folder=1.2.0 RoleArn=${QUICK.ROLE_ARN}`)}
aws cloudcontrol get-resource --type-name Acme::Ecs::RoleTrunking --identifier ${QUICK.ROLE_ARN}`,
    values: QUICKSTART,
  },
  {
    page: 'README.md',
    heading: 'Use it: a role that exists, in five steps',
    given: [WEB, BATCH, BUILD].map(({ ROLE_NAME }) => createRole(ROLE_NAME)).join('\n'),
    values: { ...WEB, ...PACKAGES },
    prints: {
      'npm run opt-in -- --role ROLE_NAME --yes': /web-instances is opted in\./,
      'npm run opt-in -- --role ROLE_NAME --check': /own value: enabled, managed by stack trunking/,
      'aws cloudformation deploy': /Successfully created\/updated stack/,
    },
  },
  {
    page: 'docs/opting-in.md',
    heading: 'A role that exists',
    values: BATCH,
    // Nothing is declared for the role yet, so there is something left to do.
    fails: { 'npm run opt-in -- --role ROLE_NAME --check': /no value of its own: disabled applies/ },
    prints: { 'npm run opt-in -- --role ROLE_NAME --undo': /batch-instances is opted out\./ },
  },
  {
    page: 'docs/opting-in.md',
    heading: 'The same with the AWS CLI',
    given: `sed -i.bak s/ACCOUNT_ID/${ACCOUNT}/ examples/opt-in/trust-statement.json`,
    values: BATCH,
  },
  {
    page: 'docs/rolling-out.md',
    heading: 'One role first',
    given: `aws cloudformation delete-stack --stack-name trunking
aws cloudformation wait stack-delete-complete --stack-name trunking`,
    values: WEB,
    fails: { 'aws cloudcontrol get-resource': /ResourceNotFoundException/ },
  },
  {
    page: 'docs/migrating.md',
    heading: 'From a Lambda-backed resource',
    given: `npm run opt-in -- --role ${BATCH.ROLE_NAME} --yes${setByHand(BATCH.ROLE_ARN)}
aws iam get-role --role-name ${BATCH.ROLE_NAME} --query Role.AssumeRolePolicyDocument > TRUST_POLICY.json
sed -e 's/DeletionPolicy: Retain/Metadata: { Purpose: Owned }/' build/acme/examples/import.yml > IMPORT.yml
${template('OLD_STACK.yml', '  Old: { Type: AWS::CloudFormation::WaitConditionHandle }')}
${template('OLD_STACK_RETAINING.yml', '  Old: { Type: AWS::CloudFormation::WaitConditionHandle, DeletionPolicy: Retain, Metadata: { Step: 1 } }')}
${template('OLD_STACK_WITHOUT.yml', '')}
aws cloudformation deploy --stack-name old --template-file OLD_STACK.yml`,
    values: { ...BATCH, OLD_STACK: 'old' },
    repeats: {
      'aws cloudformation describe-stack-drift-detection-status': /"DetectionStatus": "DETECTION_COMPLETE"/,
    },
    prints: {
      'aws cloudformation describe-stack-resource-drifts': /"StackResourceDriftStatus": "IN_SYNC"/,
    },
  },
  {
    page: 'docs/other-tools.md',
    heading: 'Cloud Control API',
    given: `npm run opt-in -- --role ${BUILD.ROLE_NAME} --yes`,
    values: BUILD,
    repeats: { 'aws cloudcontrol get-resource-request-status': /"OperationStatus": "SUCCESS"/ },
    prints: {
      'aws cloudcontrol get-resource --': /\\"Trunking\\": ?\\"enabled\\"/,
      'aws cloudcontrol list-resources': /role\/build-instances/,
    },
  },
  {
    ...CDK,
    lines: /^npx cdk (deploy|diff)$/,
    given: `sed -i.bak s#ROLE_ARN#${BUILD.ROLE_ARN}# ${CDK.folder}/cdk.json`,
    prints: { 'npx cdk deploy': /✅ {2}RoleTrunking\n/, 'npx cdk diff': /There were no differences/ },
  },
  {
    ...CDK,
    lines: /drift/,
    given: changedByHand(BUILD.ROLE_ARN),
    prints: { 'npx cdk deploy --revert-drift': /✅ {2}RoleTrunking\n/ },
    fails: { 'npx cdk drift --fail': /1 resource has drifted/ },
  },
  { ...CDK, lines: /destroy/, prints: { 'npx cdk destroy': /RoleTrunking: destroyed/ } },
  {
    ...CDK,
    lines: /import/,
    given: setByHand(BUILD.ROLE_ARN),
    prints: { 'npx cdk import': /Import operation complete/ },
  },
  {
    page: 'docs/other-tools.md',
    heading: 'cfn-lint, and a check of the properties',
    given: "printf 'registry_schemas:\\n  - schemas\\n' > .cfnlintrc",
  },
  {
    page: 'docs/other-tools.md',
    heading: 'Automatic import',
    given: `aws cloudformation delete-stack --stack-name RoleTrunking
aws cloudformation wait stack-delete-complete --stack-name RoleTrunking
${unset(BUILD.ROLE_ARN)}${setByHand(BUILD.ROLE_ARN)}
${trunkingTemplate('ADOPTED.yml', BUILD.ROLE_ARN, 'DeletionPolicy: RetainExceptOnCreate')}`,
    prints: { 'aws cloudformation describe-change-set': /"Import"/ },
  },
  {
    page: 'docs/troubleshooting.md',
    heading: '`AlreadyExists`: The role already has an explicit awsvpcTrunking setting',
    given: `aws cloudformation wait stack-create-complete --stack-name adopted
aws cloudformation delete-stack --stack-name adopted
aws cloudformation wait stack-delete-complete --stack-name adopted`,
    values: BUILD,
    repeats: { 'aws cloudcontrol get-resource-request-status': /"OperationStatus": "SUCCESS"/ },
    prints: { 'aws cloudcontrol get-resource --': /\\"Trunking\\": ?\\"enabled\\"/ },
  },
  {
    page: 'docs/troubleshooting.md',
    heading: '`AccessDenied`: sts:AssumeRole is denied on …',
    given: `${trunkingTemplate('STACK.yml', BUILD.ROLE_ARN)}
aws cloudformation deploy --stack-name denied --template-file STACK.yml`,
    values: { STACK: 'denied' },
    prints: { 'aws cloudformation describe-type': /role\/ecs-role-trunking\// },
  },
  {
    page: 'docs/troubleshooting.md',
    heading: '`No updates are to be performed`, but there is drift',
    given: changedByHand(WEB.ROLE_ARN),
    values: { STACK: 'trunking' },
    prints: { 'aws cloudformation describe-change-set': /"ResourceDriftStatus": "MODIFIED"/ },
  },
  {
    page: 'docs/troubleshooting.md',
    heading: '`Update successful. One or more resources could not be deleted.`',
    values: { STACK: 'trunking' },
  },
  {
    page: 'docs/troubleshooting.md',
    heading:
      '`UPDATE_COMPLETE_CLEANUP_IN_PROGRESS` or `UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS` does not end',
    values: { STACK: 'trunking' },
  },
  {
    page: 'docs/troubleshooting.md',
    heading: '`Template format error: Unrecognized resource types`',
    prints: { 'aws cloudformation list-types': /Acme::Ecs::RoleTrunking/ },
  },
  {
    page: 'docs/troubleshooting.md',
    heading: '`Internal Failure` while registering',
    given: `cat > no-handlers.json <<'END'
{}
END
aws s3 cp no-handlers.json s3://${PACKAGES.BUCKET}/no-handlers.zip
aws cloudformation register-type --type RESOURCE --type-name Acme::Ecs::RoleTrunking --schema-handler-package s3://${PACKAGES.BUCKET}/no-handlers.zip || true`,
    prints: { 'aws cloudformation describe-type-registration': /"ProgressStatus": "FAILED"/ },
  },
  {
    page: 'docs/troubleshooting.md',
    heading: 'Where the logs are',
    prints: { 'aws logs filter-log-events': /\\"outcome\\": ?\\"FAILED\\"/ },
  },
  {
    page: 'docs/troubleshooting.md',
    heading: 'No logs at all',
    prints: {
      'aws cloudformation describe-type': /acme-ecs-roletrunking-logs/,
      'aws logs describe-log-groups': /"logGroupName": "acme-ecs-roletrunking-logs"/,
    },
  },
  {
    page: 'docs/troubleshooting.md',
    heading: '`Internal Failure` of a stack operation, without any log',
    given: `arn=$(aws cloudformation describe-type --type RESOURCE --type-name Acme::Ecs::RoleTrunking --query ExecutionRoleArn --output text)
for policy in AssumeTaggedRoles FindRoles; do aws iam delete-role-policy --role-name \${arn##*/} --policy-name $policy; done
aws iam delete-role --role-name \${arn##*/}`,
    prints: { 'aws cloudformation deploy': /Successfully created\/updated stack/ },
  },
  {
    page: 'docs/rolling-out.md',
    heading: 'A new version, and back',
    lines: /^(?!aws cloudformation (list-type-versions|set-type-default-version))/,
    values: PACKAGES,
    prints: { 'aws cloudformation describe-type': /"0{7}7"/ },
  },
  {
    page: 'docs/rolling-out.md',
    heading: "Leave for a type of AWS's own",
    given: `${trunkingTemplate('STACK.yml', BUILD.ROLE_ARN)}
${trunkingTemplate('RETAINING.yml', BUILD.ROLE_ARN, 'DeletionPolicy: Retain\n    Metadata: { Step: 1 }')}
${template('WITHOUT.yml', '')}
aws cloudformation wait stack-delete-complete --stack-name denied
aws cloudformation deploy --stack-name leaving --template-file STACK.yml`,
    values: { STACK: 'leaving' },
  },
  { page: 'docs/rolling-out.md', heading: 'What deleting the resource does' },
  {
    page: 'docs/organisations.md',
    heading: 'Many accounts',
    values: { BUCKET: 'acme-organization-packages' },
  },
  { page: 'docs/organisations.md', heading: 'Wait after every operation' },
  {
    page: 'docs/organisations.md',
    heading: '`register.yml` beside `submit`',
    given: registerAgain(`${PACKAGES.BUCKET}/acme-ecs-roletrunking-1.1.0.zip`),
  },
  {
    page: 'docs/rolling-out.md',
    heading: 'Uninstall',
    lines: /^(?!aws cloudformation deregister-type|.*acme-ecs-roletrunking-roles)/,
    given: `aws cloudformation delete-stack --stack-name imported-trunking
aws cloudformation wait stack-delete-complete --stack-name imported-trunking
aws cloudformation deploy --template-file build/acme/examples/trunking.yml --stack-name trunking --parameter-overrides RoleArn=${WEB.ROLE_ARN}`,
    values: { ...WEB, ...PACKAGES, STACK: 'trunking' },
    prints: {
      'aws cloudformation describe-stacks': /^trunking\tRoleTrunking\t.*role\/web-instances$/m,
      'aws cloudcontrol list-resources': /role\/web-instances/,
    },
  },
];

/** Registers another version, as the section's last command does when it runs again, but does not pack again. */
const ANOTHER_VERSION = `
bucket=$(aws cloudformation describe-stacks --stack-name CloudFormationManagedUploadInfrastructure \\
  --query "Stacks[0].Outputs[?OutputKey=='CloudFormationManagedUploadBucketName'].OutputValue" --output text)
key=$(aws s3api list-objects-v2 --bucket $bucket --query "Contents[0].Key" --output text)${registerAgain('$bucket/$key')}
aws cloudformation list-type-versions --type RESOURCE --type-name Acme::Ecs::RoleTrunking`;

/** The pages for `submit`. */
export const WITH_SUBMIT: readonly Section[] = [
  {
    page: 'docs/rolling-out.md',
    heading: 'Register with `submit` instead',
    lines: /^(?!aws cloudformation deregister-type)/,
    prints: { 'npm run submit -- --namespace Acme --region': /Acme::Ecs::RoleTrunking is registered\./ },
  },
  {
    page: 'docs/rolling-out.md',
    heading: 'A new version, and back',
    // "Run its last command again" is this first version; the page then goes back to it.
    lines: /^aws cloudformation (list-type-versions|set-type-default-version)/,
  },
  {
    page: 'docs/rolling-out.md',
    heading: 'Register with `submit` instead',
    lines: /^aws cloudformation deregister-type/,
    given: ANOTHER_VERSION,
  },
  {
    page: 'docs/rolling-out.md',
    heading: 'Uninstall',
    lines: /^aws cloudformation deregister-type|acme-ecs-roletrunking-roles/,
    given: ANOTHER_VERSION,
  },
];
