/** What the doctor reads of an account, before it judges. Small objects: there can be ten thousand instances. */

/** A value of `awsvpcTrunking`. ECS also lists it as `on` and `off` (API reference, ListAccountSettings). */
export type Value = 'enabled' | 'disabled';

/** A cluster in one Region. */
export interface ClusterFacts {
  readonly name: string;
  readonly arn: string;
  readonly instances: readonly InstanceFacts[];
}

/** A container instance, as ECS describes it. What is `undefined` was not read. */
export interface InstanceFacts {
  /** The EC2 instance ID; for an external instance, the managed node ID of Systems Manager. */
  readonly id: string;
  /** How it came to the cluster: EC2 instances of the account, ECS Managed Instances, or ECS Anywhere. */
  readonly kind: 'ec2' | 'managed' | 'external';
  readonly status: string | undefined;
  /** Why it has this status: ECS gives a reason for `REGISTRATION_FAILED`. */
  readonly statusReason: string | undefined;
  readonly registeredAt: Date | undefined;
  readonly type: string | undefined;
  readonly isWindows: boolean;
  readonly agentVersion: string | undefined;
  /** Attribute `ecs.capability.task-eni-trunking`: agent and operating system can use a trunk. */
  readonly canUseTrunk: boolean;
  /** Attribute `ecs.awsvpc-trunk-id`: there is a trunk. */
  readonly hasTrunk: boolean;
  /** Running and starting tasks with a network interface of their own. */
  readonly awsvpcTasks: number | undefined;
}

/** An EC2 instance, as EC2 describes it. */
export interface Ec2Facts {
  /** The name of the instance profile. */
  readonly profile: string | undefined;
  /** The ARN of the role in the instance profile. */
  readonly roleArn: string | undefined;
  /** The account that owns the subnet: another one shares it. */
  readonly subnetOwner: string | undefined;
  /** Whether the instance's resource name has DNS A records. */
  readonly hasDnsRecords: boolean;
  /** The Auto Scaling group that launched it. */
  readonly group: string | undefined;
}

/** The setting of a role in one Region. */
export interface SettingFacts {
  /** The role's own value. */
  readonly own: Value | 'none' | 'unknown';
  /** Why the handlers could not read it. */
  readonly failure: string | undefined;
  /** The value for principals of the account that have none of their own. */
  readonly accountDefault: Value | 'unknown';
  /** The stack resource that manages the setting. */
  readonly managedBy: StackResource | undefined;
  /** When an instance with this role first registered with a trunk, of those that still exist. */
  readonly firstTrunkAt: Date | undefined;
}

/** A resource of this type in a stack. */
export interface StackResource {
  readonly stack: string;
  /** When the resource last changed, which for a new resource is when the setting was made. */
  readonly changedAt: Date | undefined;
  readonly isNew: boolean;
}

/** What applies to a role. */
export function effectiveValue({ own, accountDefault }: SettingFacts): Value | 'unknown' {
  return own === 'none' ? accountDefault : own;
}
