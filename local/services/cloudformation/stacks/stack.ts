import { randomUUID } from 'node:crypto';
import type { Existing, Place } from '../providers/provider';
import type { DeletionPolicy } from '../template/template';
import type { ResourceDrift } from './drift';

/** A resource of a stack. */
export interface StackResource extends Existing {
  readonly logicalId: string;
  readonly type: string;
  readonly dependencies: readonly string[];
  readonly deletionPolicy: DeletionPolicy;
  readonly updateReplacePolicy: DeletionPolicy;
}

/** One line of a stack's events. */
export interface StackEvent {
  readonly stackName: string;
  /** The stack's name for events of the stack itself. */
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId?: string | undefined;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly eventId: string;
  readonly time: Date;
  readonly token?: string | undefined;
}

/** What a stack is deployed with. */
export interface StackSettings {
  template: string;
  parameters: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  capabilities: readonly string[];
  /** The service role that the stack was deployed with. */
  roleArn?: string | undefined;
}

/** A stack, with the settings of the last operation that succeeded; `status` is CloudFormation's. */
export interface Stack extends StackSettings {
  readonly name: string;
  readonly id: string;
  status: string;
  /** What the stack's last event says about its status. */
  statusReason?: string | undefined;
  /** Why the last operation failed: what its first failed resource says. */
  reason?: string | undefined;
  description?: string | undefined;
  /** In the order in which they were created. */
  resources: readonly StackResource[];
  outputs: Readonly<Record<string, string>>;
  /** What `Fn::ImportValue` of other stacks gives, by export name, and the outputs they are. */
  exports: Readonly<Record<string, string>>;
  /** The export names of other stacks that this one uses. */
  imports: readonly string[];
  readonly events: StackEvent[];
  readonly creationTime: Date;
  lastUpdatedTime?: Date | undefined;
  deletionTime?: Date | undefined;
  isProtected: boolean;
  drift?: { readonly time: Date; readonly resources: readonly ResourceDrift[] } | undefined;
}

/** A stack in which nothing has happened. */
export function newStack(name: string, id: string): Stack {
  return {
    name,
    id,
    status: '',
    template: '',
    parameters: {},
    tags: {},
    capabilities: [],
    resources: [],
    outputs: {},
    exports: {},
    imports: [],
    events: [],
    creationTime: new Date(),
    isProtected: false,
  };
}

/** The status of a resource of a stack. */
export function placeIn({ name, id }: Stack, logicalId: string): Place {
  return { stackName: name, stackId: id, logicalId };
}

/** Writes an event of a stack or of one of its resources. */
export type Emit = (
  resource: { logicalId: string; type: string; physicalId?: string | undefined } | undefined,
  status: string,
  reason?: string,
) => void;

/**
 * Writes the events of one operation on a stack.
 *
 * @param token The client's request token.
 * @returns A function that writes an event: without a resource, of the stack itself, whose status it becomes.
 */
export function eventWriter(
  stack: Stack,
  token: string | undefined,
  onEvent: (event: StackEvent) => void,
): Emit {
  return (resource, status, reason) => {
    const about = resource ?? {
      logicalId: stack.name,
      type: 'AWS::CloudFormation::Stack',
      physicalId: stack.id,
    };
    if (!resource) {
      stack.status = status;
      stack.statusReason = reason;
    }
    const { logicalId, type, physicalId } = about;
    const event: StackEvent = {
      stackName: stack.name,
      logicalId,
      type,
      status,
      eventId: resource ? `${logicalId}-${status}-${randomUUID()}` : randomUUID(),
      time: new Date(),
      ...(physicalId === undefined ? {} : { physicalId }),
      ...(reason === undefined ? {} : { reason }),
      ...(token === undefined ? {} : { token }),
    };
    stack.events.push(event);
    onEvent(event);
  };
}
