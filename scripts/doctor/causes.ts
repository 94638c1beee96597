/**
 * Why an instance has no trunk. Calls nothing: facts in, one cause out. docs/doctor.md has each text as a heading, with
 * its source.
 */
import { inShell, type Target, targetOptions } from '../command-line/aws-commands';
import { type Ec2Facts, effectiveValue, type InstanceFacts, type SettingFacts } from './facts';
import type { Finding } from './finding';
import { isUnsupportedInGuide, roomOf } from './instance-types';
import { STEPS } from './pages';

/** What is known about an instance. */
export interface Case {
  readonly instance: InstanceFacts;
  /** Nothing if EC2 was not read, or does not know the instance. */
  readonly ec2: Ec2Facts | undefined;
  /** Nothing if the role is unknown. */
  readonly setting: SettingFacts | undefined;
  readonly accountId: string;
  /** For the commands that are printed. */
  readonly target: Target;
}

type Level = Finding['level'];

/** What is also found about a role. */
export const SETTING_TEXTS = {
  off: 'The role has no value of its own, and the account default is disabled',
  unknown: 'The value that applies to the role is unknown',
} as const;

/** A row of the table: the first cause that applies is the one that is reported. */
interface Cause {
  /** The same for every instance: nothing in it varies. */
  readonly text: string;
  readonly applies: (it: Case) => boolean;
  readonly level: Level | ((it: Case) => Level);
  readonly remedy?: string | ((it: Case) => string);
  /** Whether the instance then has to be replaced. */
  readonly isReplaced?: true;
}

/** What was found out about the trunk of one instance. */
export type Diagnosis = Omit<Finding, 'subject'>;

/** Container agent and ecs-init from 1.28.1 (ECS developer guide, "container-instance-eni"). */
const OLDEST_AGENT = '1.28.1';

const HAS_TRUNK: Cause = {
  text: 'The instance has a trunk',
  applies: ({ instance }) => instance.hasTrunk,
  level: 'fine',
};

/** An instance that cannot have a trunk is worth a word only where one is wanted. */
const shouldIfWanted = (it: Case): Level => (isWanted(it) ? 'should' : 'fine');
const mustIfWanted = (it: Case): Level => (isWanted(it) ? 'must' : 'should');

/** In the order in which they rule each other out: what the instance is, what failed, the setting, what it needs. */
export const CAUSES: readonly Cause[] = [
  {
    text: 'ECS Managed Instances have a trunk by default',
    applies: ({ instance }) => instance.kind === 'managed',
    level: 'fine',
  },
  {
    text: 'External instances have no trunk',
    applies: ({ instance }) => instance.kind === 'external',
    level: 'fine',
  },
  HAS_TRUNK,
  {
    text: 'The instance is leaving the cluster',
    applies: ({ instance: { status = '' } }) => ['DRAINING', 'DEREGISTERING', 'INACTIVE'].includes(status),
    level: 'fine',
  },
  {
    text: 'The subnet is shared by another account',
    applies: (it) => isShared(it) && (isWanted(it) || it.instance.status === 'REGISTRATION_FAILED'),
    level: 'must',
    remedy: 'Launch the instances in subnets that this account owns.',
  },
  {
    text: 'The instance failed to register',
    applies: ({ instance }) => instance.status === 'REGISTRATION_FAILED',
    level: 'must',
    remedy: 'Fix the reason that ECS gives, then replace the instance.',
  },
  {
    text: 'The instance is still registering',
    applies: ({ instance }) => instance.status === 'REGISTERING',
    level: 'should',
    remedy: 'Wait a minute, then run this again: ECS attaches the trunk now.',
  },
  {
    text: 'Windows instances cannot have a trunk',
    applies: ({ instance }) => instance.isWindows,
    level: shouldIfWanted,
    remedy: 'Run tasks that need a trunk on Linux instances.',
  },
  {
    text: 'The instance type cannot have a trunk',
    applies: ({ instance: { type } }) => type !== undefined && roomOf(type)?.canHaveTrunk === false,
    level: shouldIfWanted,
    remedy: 'Use a type that can, such as c5.large: examples/cluster.yml lists more.',
  },
  {
    text: 'The role of the instance is unknown',
    applies: ({ setting }) => setting === undefined,
    level: 'unknown',
    remedy: ({ ec2 }) =>
      ec2?.profile === undefined
        ? 'Look at the instance profile of the instance in EC2.'
        : `Look at the instance profile ${ec2.profile}: it needs a role.`,
  },
  {
    text: 'The role has its own value: disabled, as its stack declares',
    applies: ({ setting }) => setting?.own === 'disabled' && setting.managedBy !== undefined,
    level: 'fine',
  },
  {
    text: 'The role has its own value: disabled',
    applies: ({ setting }) => setting?.own === 'disabled',
    level: 'should',
    remedy: 'Import the value into a stack with Trunking: enabled (docs/migrating.md).',
    isReplaced: true,
  },
  {
    text: SETTING_TEXTS.off,
    applies: ({ setting }) => setting !== undefined && effectiveValue(setting) === 'disabled',
    level: 'should',
    remedy: `Declare the setting for the role (${STEPS.declare}).`,
    isReplaced: true,
  },
  {
    text: 'The ECS agent is older than 1.28.1',
    applies: ({ instance: { agentVersion } }) => agentVersion !== undefined && isOlder(agentVersion),
    level: mustIfWanted,
    remedy: 'Use a current Amazon ECS-optimized AMI.',
    isReplaced: true,
  },
  {
    text: 'The agent or the AMI does not support trunking',
    applies: ({ instance }) => !instance.canUseTrunk,
    level: mustIfWanted,
    remedy: 'Use the Amazon ECS-optimized AMI for Linux, or another with ecs-init.',
    isReplaced: true,
  },
  {
    text: 'Resource-name DNS A records are on',
    applies: ({ ec2 }) => ec2?.hasDnsRecords === true,
    level: mustIfWanted,
    remedy: 'Set EnableResourceNameDnsARecord to false in the launch template or the subnet.',
    isReplaced: true,
  },
  {
    text: 'The instance registered before the setting was made',
    applies: ({ instance: { registeredAt }, setting }) =>
      registeredAt !== undefined &&
      setting?.managedBy?.changedAt !== undefined &&
      setting.managedBy.isNew &&
      registeredAt < setting.managedBy.changedAt,
    level: 'must',
    isReplaced: true,
  },
  {
    text: 'The ECS guide of 2023 calls this type unsupported',
    applies: ({ instance: { type } }) => type !== undefined && isUnsupportedInGuide(type),
    level: 'should',
    remedy: 'EC2 can, the guide of 2023 says no. If a new instance gets no trunk either, use another type.',
  },
  {
    text: 'The instance probably registered before the setting was made',
    applies: (it) => isWanted(it) && !isKnownToBeNewer(it),
    level: 'must',
    isReplaced: true,
  },
  {
    text: SETTING_TEXTS.unknown,
    applies: (it) => !isWanted(it),
    level: 'unknown',
    remedy: 'See the findings of the role. If the setting is on, replace the instance.',
  },
  {
    text: 'No cause was found',
    applies: () => true,
    level: 'must',
    remedy: 'Replace one instance and run this again. If it has no trunk either, ask AWS Support.',
  },
];

/** The first cause that applies. */
export function diagnose(it: Case): Diagnosis {
  const cause = CAUSES.find(({ applies }) => applies(it)) ?? HAS_TRUNK;
  const level = typeof cause.level === 'function' ? cause.level(it) : cause.level;
  const { status, statusReason } = it.instance;
  return {
    level,
    text: cause.text,
    reason: status === 'REGISTRATION_FAILED' ? statusReason : undefined,
    ...(level !== 'fine' && adviceFor(cause, it)),
  };
}

/** Whether the setting is on for the role, or was on when an instance of the role registered. */
function isWanted({ setting }: Case): boolean {
  const value = setting && effectiveValue(setting);
  return value === 'enabled' || (value === 'unknown' && setting?.firstTrunkAt !== undefined);
}

function isShared({ ec2, accountId }: Case): boolean {
  return ec2?.subnetOwner !== undefined && ec2.subnetOwner !== accountId;
}

/** A stack made the setting, or another instance of the role got a trunk, before this one registered. */
function isKnownToBeNewer({ instance: { registeredAt }, setting }: Case): boolean {
  const since = [setting?.managedBy?.changedAt, setting?.firstTrunkAt];
  return registeredAt !== undefined && since.some((date) => date !== undefined && date <= registeredAt);
}

/** @param version Such as `1.86.3`. What is no version is not called old. */
function isOlder(version: string): boolean {
  return /^\d+\.\d+\.\d+/.test(version) && version.localeCompare(OLDEST_AGENT, 'en', { numeric: true }) < 0;
}

/** What to do. An Auto Scaling group replaces its own instances. */
function adviceFor({ remedy, isReplaced }: Cause, it: Case): Pick<Finding, 'remedy' | 'command'> {
  const first = typeof remedy === 'function' ? remedy(it) : remedy;
  if (!isReplaced) {
    return { remedy: first };
  }
  const replace = first === undefined ? 'Replace the instance' : `${first} Then replace the instance`;
  const group = it.ec2?.group;
  if (group === undefined) {
    return { remedy: `${replace}: docs/rolling-out.md.` };
  }
  const refresh = `aws autoscaling start-instance-refresh --auto-scaling-group-name ${inShell(group)}`;
  return { remedy: `${replace}:`, command: `${refresh}${targetOptions(it.target)}` };
}
