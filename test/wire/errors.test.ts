import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Action, type Fault, sleep, VirtualClock } from 'local-account';
import { STALE } from '../faults/matrix-rules';
import { allowing, policyOf, trusting } from '../harness/policies';
import { type Role, type SampleAccount, startSampleAccount } from '../harness/sample-account';

/*
 * What users read: each operation fails for each cause, and docs/errors.md has every message. With the environment
 * variable UPDATE_ERRORS, this writes the page.
 */

const PAGE = join(__dirname, '../../docs/errors.md');
const OPERATIONS = ['CREATE', 'READ', 'UPDATE', 'DELETE'] as const;
const INTRODUCTION = `# Errors

Every message about a role or its setting, by cause. A test makes each of them in a local account and compares it with
this page. \`HandlerRole\` and \`instances\` are names of roles. After "Details:", a message repeats what AWS says. What to
do next, with the commands: [troubleshooting](troubleshooting.md).
`;

let sample: SampleAccount;
const clock = new VirtualClock();

beforeAll(async () => {
  sample = await startSampleAccount({
    clock,
    cloudformation: { sleep: (seconds) => sleep(clock, seconds * 1000), maxRetries: 0 },
  });
});

afterAll(() => sample.close());

type Roles = SampleAccount['account']['roles'];

/** A cause: how it comes about, given the role whose setting is managed and the handler role. */
interface Cause {
  readonly title: string;
  prepare?(roles: Roles, instances: Role, handler: Role): unknown;
  /** RoleArn, if it is not the role's ARN. */
  arn?(arn: string): string;
  /** The setting that the role has; by default none before a create, and one before the other operations. */
  readonly setting?: 'enabled' | 'none';
}

/** A permissions boundary that allows nothing that is needed here. */
function limit(roles: Roles, { name }: Role): void {
  const arn = 'arn:aws:iam::111122223333:policy/Limits';
  const { document } = allowing(['s3:*', 'iam:*']);
  const [policy] = roles.managedPolicies.values();
  if (policy) {
    roles.managedPolicies.set(arn, { ...policy, arn, document });
  }
  roles.update(name, { permissionsBoundary: arn });
}

const TRUST_OF_EC2 = trusting({ Service: 'ec2.amazonaws.com' });
const DENIAL = { name: 'Denial', document: policyOf({ Effect: 'Deny', Action: 'ecs:*', Resource: '*' }) };
const INVALID_TOKEN: Fault = {
  kind: 'refuse',
  code: 'InvalidClientTokenId',
  status: 403,
  message: 'The security token included in the request is invalid',
};

const CAUSES: readonly Cause[] = [
  {
    title: 'The role has not opted in',
    prepare: (roles, { name }) =>
      roles.update(name, { tags: {}, inlinePolicies: [], assumeRolePolicyDocument: TRUST_OF_EC2 }),
  },
  { title: 'The tag is missing', prepare: (roles, { name }) => roles.update(name, { tags: {} }) },
  {
    title: 'The trust statement is missing',
    prepare: (roles, { name }) => roles.update(name, { assumeRolePolicyDocument: TRUST_OF_EC2 }),
  },
  {
    title: 'The trust policy names a handler role that was deleted',
    prepare: (roles, { name }) =>
      roles.update(name, { assumeRolePolicyDocument: trusting({ AWS: 'AROAEXAMPLEID' }) }),
  },
  {
    title: "The role's policies do not allow the ECS actions",
    prepare: (roles, { name }) => roles.update(name, { inlinePolicies: [] }),
  },
  {
    title: "The role's policies allow only the list",
    prepare: (roles, { name }) =>
      roles.update(name, { inlinePolicies: [allowing('ecs:ListAccountSettings')] }),
  },
  { title: 'The role has a permissions boundary', prepare: limit },
  {
    title: 'A policy of the role denies the ECS actions',
    prepare: (roles, { name, inlinePolicies }) =>
      roles.update(name, { inlinePolicies: [...inlinePolicies, DENIAL] }),
  },
  {
    title: 'The handler role is not under the path',
    prepare: (roles, _, handler) => {
      const { assumeRolePolicyDocument, inlinePolicies, maxSessionDuration } = handler;
      const { arn } = roles.create({
        name: 'HandlerRoleWithoutPath',
        ...{ assumeRolePolicyDocument, inlinePolicies, maxSessionDuration },
      });
      sample.cloudformation.register({ executionRoleArn: arn });
    },
  },
  {
    title: 'The handler role has a permissions boundary',
    prepare: (roles, _, handler) => limit(roles, handler),
  },
  {
    title: 'Something else denies the handler role',
    prepare: () => sample.fail({ service: 'sts', operation: 'AssumeRole' }, { kind: 'deny' }),
  },
  {
    title: 'The handler role may not look at roles',
    prepare: (roles, { name }, { name: handler, inlinePolicies }) => {
      roles.update(name, { tags: {} });
      roles.update(handler, { inlinePolicies: inlinePolicies.slice(0, 1) });
    },
  },
  {
    title: 'The handler role was deleted, and its session is no longer valid',
    prepare: () => sample.fail({ service: 'sts' }, INVALID_TOKEN),
  },
  {
    title: 'The handler role was deleted before the operation: CloudFormation cannot invoke the handlers',
    prepare: (roles, _, { name }) => roles.delete(name),
  },
  { title: 'The ARN has another path', arn: (arn) => arn.replace('role/', 'role/team/') },
  { title: 'The ARN has another partition', arn: (arn) => arn.replace('aws', 'aws-us-gov') },
  { title: 'There is no such role', arn: (arn) => `${arn}-gone` },
  {
    title: 'The signature of every call has expired',
    prepare: () => sample.fail({ service: 'sts' }, STALE),
  },
  { title: 'The role has a setting', setting: 'enabled' },
  { title: 'The role has no setting', setting: 'none' },
];

/** How an operation ends: a code and a message, or `SUCCESS`. */
async function outcomeOf(operation: Action, { prepare, arn: change, setting }: Cause): Promise<string[]> {
  const { handlerRoleArn } = sample;
  const { roles, faults } = sample.account;
  const arn = sample.addInstanceRole('instances');
  const handler = sample.role(handlerRoleArn);
  const saved = { ...handler };
  const before = setting ?? (operation === 'CREATE' ? 'none' : 'enabled');
  sample.setSetting(before === 'none' ? undefined : before, arn);
  prepare?.(roles, sample.role(arn), handler);
  const properties = {
    RoleArn: change?.(arn) ?? arn,
    ...(operation === 'UPDATE' && { Trunking: 'disabled' }),
  };
  const { errorCode = 'SUCCESS', message } = await sample.cloudformation
    .run(operation, { properties })
    .then(({ final }) => final)
    .catch((error: Error & { code: string }) => ({ errorCode: error.code, message: error.message }));
  faults.clear();
  sample.cloudformation.register({ executionRoleArn: handlerRoleArn });
  for (const name of ['instances', 'HandlerRoleWithoutPath', handler.name]) {
    if (roles.get(name)) {
      roles.delete(name);
    }
  }
  roles.create(saved);
  const text = (message ?? '').replaceAll(handler.name, 'HandlerRole').replace(/Details: .*/, 'Details: …');
  return [errorCode, text];
}

test('docs/errors.md has the message of each operation for each cause', async () => {
  const sections: string[] = [];
  for (const cause of CAUSES) {
    const operationsOf = new Map<string, string[]>();
    for (const operation of OPERATIONS) {
      const outcome = (await outcomeOf(operation, cause)).join('\n');
      operationsOf.set(outcome, [...(operationsOf.get(outcome) ?? []), operation.toLowerCase()]);
    }
    const entries = [...operationsOf].map(([outcome, operations]) => {
      const [code, message] = outcome.split('\n');
      return `${operations.join(', ')}: \`${code}\`\n${message ? `\n> ${message}\n` : ''}`;
    });
    sections.push(`## ${cause.title}\n\n${entries.join('\n')}`);
  }
  const page = `${INTRODUCTION}\n${sections.join('\n')}`;
  if (process.env.UPDATE_ERRORS) {
    writeFileSync(PAGE, page);
  }
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});

test('a message says what failed and what to do in at most 60 words', () => {
  const messages = [...readFileSync(PAGE, 'utf8').matchAll(/^> (.*)$/gm)].map(([, message = '']) => message);
  expect(messages.length).toBeGreaterThan(CAUSES.length);
  const words = (message: string) => (message.split(' Details: ')[0] ?? '').split(' ').length;
  expect(messages.filter((message) => words(message) > 60)).toEqual([]);
});
