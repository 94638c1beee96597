/** Stacks, as every step uses them. */
import { randomUUID } from 'node:crypto';
import {
  CloudFormationServiceException,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  paginateDescribeStackEvents,
  type ResourceToImport,
  type Stack,
  type StackEvent,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { expectEqual, StepFailed } from './expect';
import type { Leftover } from './leftovers';
import { type Run, waitFor } from './run';

/** What a stack is made or changed with. */
export interface StackInput {
  readonly name: string;
  readonly template: string;
  /** Whether other things of the run need it. Defaults to false. */
  readonly isNeeded?: boolean;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The outputs of a stack, by name. */
type Outputs = Readonly<Record<string, string>>;

/** How an operation on a stack ended. */
interface StackOutcome {
  readonly stack: Stack;
  /** Of this operation only, in order. */
  readonly events: readonly StackEvent[];
}

/**
 * Creates a stack and waits for the end of it, whatever that is. It is noted as left over first.
 *
 * @throws CloudFormationServiceException where CloudFormation refuses it.
 */
export async function createStack(run: Run, input: StackInput): Promise<StackOutcome> {
  const leftover = stackLeftover(input);
  run.leftovers.add(leftover);
  const command = new CreateStackCommand(deployment(input));
  const { StackId } = await run.aws.cloudformation.send(command).catch((error: unknown) => {
    if (error instanceof CloudFormationServiceException && error.name === 'AlreadyExistsException') {
      run.leftovers.forget(leftover);
    }
    throw error;
  });
  return outcomeOf(run, StackId ?? input.name, new Set());
}

/** Creates a stack. @throws StepFailed where it is not complete in the end. */
export async function deploy(run: Run, input: StackInput): Promise<Outputs> {
  const outcome = await createStack(run, input);
  expectStatus(input.name, outcome, 'CREATE_COMPLETE');
  return outputsIn(outcome.stack);
}

/** Updates a stack. @throws StepFailed where it is not complete in the end. */
export async function update(run: Run, input: StackInput): Promise<void> {
  const seen = await eventIds(run, input.name);
  await run.aws.cloudformation.send(new UpdateStackCommand(deployment(input)));
  expectStatus(input.name, await outcomeOf(run, input.name, seen), 'UPDATE_COMPLETE');
}

/**
 * Makes a stack of a resource that exists, by a change set.
 *
 * @throws StepFailed where the change set cannot be made, or the import is not complete in the end.
 */
export async function importInto(run: Run, input: StackInput, target: ResourceToImport): Promise<void> {
  const { cloudformation } = run.aws;
  const changeSet = { StackName: input.name, ChangeSetName: 'acceptance' };
  run.leftovers.add(stackLeftover(input));
  await cloudformation.send(
    new CreateChangeSetCommand({
      ...request(input),
      ...changeSet,
      ChangeSetType: 'IMPORT',
      ResourcesToImport: [target],
    }),
  );
  const { Status, StatusReason } = await waitFor(run, `the change set for ${input.name}`, async () => {
    const found = await cloudformation.send(new DescribeChangeSetCommand(changeSet));
    return /_(PENDING|IN_PROGRESS)$/.test(found.Status ?? '') ? undefined : found;
  });
  const cause = StatusReason === undefined ? '' : ` (${StatusReason})`;
  expectEqual(`the status of the change set for ${input.name}${cause}`, Status, 'CREATE_COMPLETE');
  const seen = await eventIds(run, input.name);
  await cloudformation.send(new ExecuteChangeSetCommand(changeSet));
  expectStatus(input.name, await outcomeOf(run, input.name, seen), 'IMPORT_COMPLETE');
}

/**
 * Deletes a stack, once no operation but a create is in progress, and waits until it is gone. Does nothing where
 * there is none.
 *
 * @throws StepFailed where CloudFormation cannot delete it.
 */
export async function deleteStack(run: Run, name: string): Promise<void> {
  const stack = await waitFor(run, `the operation on the stack ${name}`, async () => {
    const found = (await find(run, name)) ?? 'none';
    return found === 'none' || isDeletable(found) ? found : undefined;
  });
  if (stack === 'none') {
    return;
  }
  const { StackId = name } = stack;
  const seen = await eventIds(run, StackId);
  await run.aws.cloudformation.send(new DeleteStackCommand({ StackName: StackId }));
  expectStatus(name, await outcomeOf(run, StackId, seen), 'DELETE_COMPLETE');
}

/** A stack that is being created can be deleted; one that is being updated cannot (API reference, DeleteStack). */
function isDeletable({ StackStatus }: Stack): boolean {
  return /^(CREATE|REVIEW)_IN_PROGRESS$/.test(`${StackStatus}`) || !StackStatus?.endsWith('_IN_PROGRESS');
}

/** A stack by name or ID. @returns nothing where there is none. */
export async function find({ aws }: Pick<Run, 'aws'>, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await aws.cloudformation.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks?.[0];
  } catch (error) {
    // DescribeStacks has no error of its own for it (API reference).
    if (error instanceof CloudFormationServiceException && /does not exist/.test(error.message)) {
      return undefined;
    }
    throw error;
  }
}

/** The outputs of a stack. @throws StepFailed where there is none. */
export async function outputsOf(run: Run, name: string): Promise<Outputs> {
  const stack = await find(run, name);
  if (!stack) {
    throw new StepFailed(`The stack ${name} does not exist.`);
  }
  return outputsIn(stack);
}

/** The outputs of a stack that was described. */
export function outputsIn({ Outputs = [] }: Pick<Stack, 'Outputs'>): Outputs {
  return Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
}

/** Waits for the end of an operation, and reports its events. */
async function outcomeOf(run: Run, stackId: string, seen: Set<string>): Promise<StackOutcome> {
  const events: StackEvent[] = [];
  const stack = await waitFor(run, `the operation on the stack ${stackId}`, async () => {
    const found = await find(run, stackId);
    for (const event of await eventsSince(run, stackId, seen)) {
      events.push(event);
      report(run, event);
    }
    return found && !/_IN_PROGRESS$/.test(found.StackStatus ?? '') ? found : undefined;
  });
  return { stack, events };
}

/** A stack's events that were not seen, in order; they are seen then. */
async function eventsSince(run: Run, stackId: string, seen: Set<string>): Promise<StackEvent[]> {
  const found: StackEvent[] = [];
  const pages = paginateDescribeStackEvents({ client: run.aws.cloudformation }, { StackName: stackId });
  for await (const { StackEvents = [] } of pages) {
    found.push(...StackEvents.filter(({ EventId = '' }) => !seen.has(EventId)));
  }
  for (const { EventId = '' } of found) {
    seen.add(EventId);
  }
  return found.reverse();
}

async function eventIds(run: Run, stackId: string): Promise<Set<string>> {
  const seen = new Set<string>();
  await eventsSince(run, stackId, seen);
  return seen;
}

function report({ transcript }: Run, event: StackEvent): void {
  const { ResourceStatus = '', LogicalResourceId = '', ResourceType = '', ResourceStatusReason } = event;
  const line = `   ${ResourceStatus.padEnd(35)} ${LogicalResourceId.padEnd(18)} ${ResourceType}`;
  transcript[ResourceStatus.endsWith('_IN_PROGRESS') ? 'note' : 'say'](line);
  if (ResourceStatusReason !== undefined) {
    transcript.note(`     ${ResourceStatusReason}`);
  }
}

/** @throws StepFailed with the reasons of what failed. */
export function expectStatus(name: string, { stack, events }: StackOutcome, expected: string): void {
  const { StackStatus: status } = stack;
  const reasons = events
    .filter(({ ResourceStatus = '' }) => ResourceStatus.endsWith('_FAILED'))
    .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
  const cause = status !== expected && reasons.length > 0 ? ` (${reasons.join('; ')})` : '';
  expectEqual(`the status of the stack ${name}${cause}`, status, expected);
}

/**
 * What CreateStack and UpdateStack are sent. Without a token, an SDK that repeats a create whose answer was lost gets
 * AlreadyExistsException for its own stack (API reference, CreateStack, ClientRequestToken).
 */
function deployment(input: StackInput) {
  const Capabilities = ['CAPABILITY_IAM' as const];
  return { ...request(input), ClientRequestToken: randomUUID(), Capabilities };
}

function request({ name, template, parameters = {} }: StackInput) {
  return {
    StackName: name,
    TemplateBody: template,
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
  };
}

function stackLeftover({ name, isNeeded = false }: StackInput): Leftover<Run> {
  return {
    isNeeded,
    what: `the stack ${name}`,
    commands: [
      `aws cloudformation delete-stack --stack-name ${name}`,
      `aws cloudformation wait stack-delete-complete --stack-name ${name}`,
    ],
    remove: (run) => deleteStack(run, name),
  };
}
