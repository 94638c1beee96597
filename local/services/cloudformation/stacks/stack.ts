import { randomUUID } from 'node:crypto';
import type { StackResourceDrift } from '@aws-sdk/client-cloudformation';
import type { Model } from '../handlers/protocol';
import type { Existing, Place } from '../providers/provider';
import { invalid } from '../template/document';
import type { References, Template, TemplateResource } from '../template/template';

/** What a stack is created or updated with. */
export interface StackInput {
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
  /** The service role that deploys the stack. */
  readonly roleArn?: string | undefined;
  /** The client's request token. */
  readonly token?: string | undefined;
  /** What becomes of the stack when a resource fails. Defaults to a rollback. */
  readonly onFailure?: 'ROLLBACK' | 'DO_NOTHING' | 'DELETE' | undefined;
  /** Resources that exist, by logical ID: they are read by their identifiers instead of created. */
  readonly targets?: ReadonlyMap<string, Model> | undefined;
}

/** A resource of a stack. */
export interface StackResource extends TemplateResource, Existing {
  /** Resolved. */
  readonly properties: Model;
}

/** One line of a stack's events, in the members of DescribeStackEvents. */
export interface StackEvent {
  readonly StackId: string;
  readonly StackName: string;
  readonly EventId: string;
  /** The stack's name for events of the stack itself. */
  readonly LogicalResourceId: string;
  /** Empty as long as it is not known. */
  readonly PhysicalResourceId: string;
  readonly ResourceType: string;
  readonly ResourceStatus: string;
  readonly ResourceStatusReason: string | undefined;
  readonly Timestamp: Date;
  readonly ClientRequestToken: string | undefined;
}

/** A stack; `status` is CloudFormation's. */
export class Stack {
  status = '';
  /** What the stack's last event says about its status. */
  statusReason: string | undefined;
  /** Why the last operation failed: what its first failed resource says. */
  reason: string | undefined;
  /** Those of the last operation that succeeded. */
  template: Template | undefined;
  input: StackInput = { template: '', parameters: {}, tags: {}, capabilities: [] };
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
  deletionTime: Date | undefined;
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
    private readonly onEvent: (event: StackEvent) => void,
  ) {}

  resource(logicalId: string): StackResource | undefined {
    return this.resources.find((resource) => resource.logicalId === logicalId);
  }

  /** Writes an event of one of the stack's resources, or of the stack itself, whose status it becomes. */
  emit(
    status: string,
    reason?: string,
    resource?: Pick<StackResource, 'logicalId' | 'type' | 'physicalId'>,
  ): void {
    if (!resource) {
      this.status = status;
      this.statusReason = reason;
    }
    const event: StackEvent = {
      StackId: this.id,
      StackName: this.name,
      EventId: resource ? `${resource.logicalId}-${status}-${randomUUID()}` : randomUUID(),
      LogicalResourceId: resource?.logicalId ?? this.name,
      PhysicalResourceId: resource?.physicalId ?? this.id,
      ResourceType: resource?.type ?? 'AWS::CloudFormation::Stack',
      ResourceStatus: status,
      ResourceStatusReason: reason,
      Timestamp: new Date(),
      ClientRequestToken: this.token,
    };
    this.events.push(event);
    this.onEvent(event);
  }
}

/** The stack and the logical ID of a resource. */
export function placeIn({ name, id }: Stack, logicalId: string): Place {
  return { stackName: name, stackId: id, logicalId };
}

/**
 * What `Ref` and `Fn::GetAtt` of a stack's resources give.
 *
 * @param unknown What they give for what does not exist yet; without it, they throw an ApiError ValidationError.
 */
export function stackReferences(
  stack: Stack,
  importValue: (name: string) => string,
  unknown?: string,
): References {
  const known = (value: unknown, message: string) => {
    if (value === undefined && unknown === undefined) {
      throw invalid(message);
    }
    return value ?? unknown;
  };
  return {
    ref: (id) =>
      known(
        stack.resource(id)?.physicalId,
        `Template format error: Unresolved resource dependencies [${id}]`,
      ),
    getAtt: (id, attribute) =>
      known(
        stack.resource(id)?.attributes[attribute],
        `Template error: resource ${id} does not support attribute type ${attribute} in Fn::GetAtt`,
      ),
    importValue,
  };
}
