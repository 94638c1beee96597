import { randomUUID } from 'node:crypto';
import type { StackResourceDrift } from '@aws-sdk/client-cloudformation';
import type { Session } from '../../sts/store';
import type { Model } from '../handlers/contract';
import type { Existing, Place } from '../providers/provider';
import { existing } from '../template/document';
import type { References } from '../template/functions';
import type { Template, TemplateResource } from '../template/template';

export interface Actor {
  /** Whose permissions apply to resources: the caller's or the service role's. */
  readonly caller: Session;
  readonly roleArn?: string | undefined;
  readonly token?: string | undefined;
}

/** What a stack is created or updated with. */
export interface StackInput extends Actor {
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
  /** Whether the stack stays as it is if a resource fails (user guide, "stack-failure-options"). */
  readonly disableRollback?: boolean;
  /** Resources that exist, by logical ID: they are read by their identifiers instead of created. */
  readonly targets?: ReadonlyMap<string, Model> | undefined;
  /** Of a nested stack: resolves to whether an update that has succeeded stays. */
  readonly confirm?: () => Promise<boolean>;
}

export interface StackResource extends TemplateResource, Existing {
  readonly properties: Model;
}

/** A line of a stack's events, in the members of DescribeStackEvents. */
export type StackEvent = Readonly<ReturnType<typeof eventOf>>;

/** The resource of an event. It has no physical ID before it is created. */
export type EventSource = Pick<StackResource, 'logicalId' | 'type' | 'properties'> &
  Partial<Pick<StackResource, 'physicalId'>>;

/** A stack; `status` is CloudFormation's. */
export class Stack {
  status = '';
  /** What the stack's last event says about its status. */
  statusReason: string | undefined;
  /** Why the last operation failed: what its first failed resource says. */
  reason: string | undefined;
  /** Those of the create, or of the last update that succeeded. */
  template: Template | undefined;
  input: Omit<StackInput, 'caller'> = { template: '', parameters: {}, tags: {}, capabilities: [] };
  /** In the order in which they were created. */
  resources: readonly StackResource[] = [];
  outputs: Readonly<Record<string, string>> = {};
  /** What `Fn::ImportValue` of other stacks gives, by export name. */
  exports: Readonly<Record<string, string>> = {};
  /** The export names of other stacks that this one uses. */
  imports: readonly string[] = [];
  readonly events: StackEvent[] = [];
  readonly creationTime = new Date();
  lastUpdatedTime: Date | undefined;
  changeSetId: string | undefined;
  deletionTime: Date | undefined;
  /** Termination protection, which `cfn submit` enables for the stack that it uploads to. */
  isProtected = false;
  /** What drift detection found last, by logical ID. */
  readonly drifts = new Map<string, StackResourceDrift>();
  /** The request token of the operation that is in progress. */
  token: string | undefined;
  /** Resolves when the last operation has ended, whether the stack's status is a success or not. */
  ended: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    readonly id: string,
    private readonly onStackEvent: ((event: StackEvent) => void) | undefined,
    readonly parent?: Stack | undefined,
  ) {}

  /** Whether it only has change sets so far. */
  get isUnderReview(): boolean {
    return this.status === 'REVIEW_IN_PROGRESS';
  }

  get root(): Stack | undefined {
    return this.parent?.root ?? this.parent;
  }

  resource(logicalId: string): StackResource | undefined {
    return this.resources.find((resource) => resource.logicalId === logicalId);
  }

  /** Writes an event of a resource, or of the stack itself, which also gets the status. */
  emit(status: string, reason?: string, resource?: EventSource): void {
    if (!resource) {
      this.status = status;
      this.statusReason = reason;
    }
    // One event a millisecond, so that the times order them and IDs differ.
    const time = Math.max(Date.now(), Number(this.events.at(-1)?.Timestamp ?? 0) + 1);
    const event = eventOf(this, new Date(time), status, reason, resource);
    this.events.push(event);
    this.onStackEvent?.(event);
  }
}

function eventOf(stack: Stack, time: Date, status: string, reason?: string, resource?: EventSource) {
  const { name, id, token } = stack;
  return {
    StackId: id,
    StackName: name,
    EventId: resource ? `${resource.logicalId}-${status}-${time.toISOString()}` : randomUUID(),
    LogicalResourceId: resource?.logicalId ?? name,
    PhysicalResourceId: resource ? (resource.physicalId ?? '') : id,
    ResourceType: resource?.type ?? 'AWS::CloudFormation::Stack',
    ResourceStatus: status,
    ResourceStatusReason: reason,
    ResourceProperties: resource && JSON.stringify(resource.properties),
    Timestamp: time,
    ClientRequestToken: token,
  };
}

/** Those resources that a template does not have. */
export function without(resources: readonly StackResource[], template: Template): StackResource[] {
  const declared = new Set(template.resources.map(({ logicalId }) => logicalId));
  return resources.filter(({ logicalId }) => !declared.has(logicalId));
}

export function placeIn({ name, id, input }: Stack, logicalId: string): Place {
  const { tags } = input;
  return { stackName: name, stackId: id, logicalId, stackTags: tags, previousStackTags: tags };
}

/**
 * What `Ref` and `Fn::GetAtt` of a stack's resources give, and `Fn::ImportValue` of all stacks' exports.
 *
 * @param unknown The value for a resource that does not exist yet; without it, such a resource is a ValidationError.
 */
export function stackReferences(stack: Stack, all: readonly Stack[], unknown?: string): References {
  return {
    ref: (id) =>
      existing(
        stack.resource(id)?.physicalId ?? unknown,
        `Template format error: Unresolved resource dependencies [${id}]`,
      ),
    getAtt: (id, attribute) =>
      existing(
        stack.resource(id)?.attributes[attribute] ?? unknown,
        `Template error: resource ${id} does not support attribute type ${attribute} in Fn::GetAtt`,
      ),
    importValue: (name) =>
      existing(all.find((it) => name in it.exports)?.exports[name], `No export named ${name} found.`),
  };
}

/** Why a stack's exports cannot become these: another stack has one of them, or uses one that would change. */
export function exportsRefusal(
  stack: Stack,
  all: readonly Stack[],
  exports: Stack['exports'],
): string | undefined {
  const others = all.filter((other) => other !== stack);
  const taken = Object.keys(exports).find((name) => others.some((other) => name in other.exports));
  if (taken !== undefined) {
    return `Export with name ${taken} is already exported by another stack.`;
  }
  const usersOf = (name: string) => others.filter(({ imports }) => imports.includes(name));
  const changed = Object.keys(stack.exports).filter((name) => stack.exports[name] !== exports[name]);
  const used = changed.find((name) => usersOf(name).length > 0);
  if (used === undefined) {
    return undefined;
  }
  const users = usersOf(used).map(({ name }) => name);
  const verb = used in exports ? 'update' : 'delete';
  return `Cannot ${verb} export ${used} as it is in use by ${users.join(', ')}.`;
}
