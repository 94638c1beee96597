/** What the doctor reports, as `--json` prints it. docs/doctor.schema.json describes it. */

import type { Target } from '../command-line/aws-commands';
import type { Unread } from './calls';
import { type Diagnosis, diagnose } from './causes';
import type { ClusterFacts, Ec2Facts, InstanceFacts, SettingFacts, Value } from './facts';
import type { Finding } from './finding';
import { roomOf } from './instance-types';
import type { MissingRole } from './read-roles';

/** The whole report. */
export interface Report {
  /** Changes when a member changes its meaning or goes away. */
  readonly version: 1;
  readonly regions: readonly RegionReport[];
  readonly summary: Readonly<Record<Finding['level'], number>>;
}

/** One Region. */
export interface RegionReport {
  readonly region: string;
  readonly accountDefault: Value | 'unknown';
  /** About the Region: what was not read, each with the action to allow. */
  readonly findings: readonly Finding[];
  readonly roles: readonly RoleReport[];
  readonly clusters: readonly ClusterReport[];
}

/** A role in one Region. */
export interface RoleReport {
  readonly roleArn: string;
  readonly own: SettingFacts['own'];
  readonly applies: Value | 'unknown';
  /** The stack that manages the setting. */
  readonly stack: string | null;
  readonly findings: readonly Finding[];
}

/** A cluster and its container instances, the worst first. */
export interface ClusterReport {
  readonly name: string;
  /** EC2 instances of the account that are in the cluster. */
  readonly withTrunk: number;
  readonly withoutTrunk: number;
  /** Tasks in awsvpc mode, as far as network interfaces limit them, on the instances whose type is known. */
  readonly room: { readonly today: number; readonly withTrunks: number };
  readonly findings: readonly ClusterFinding[];
}

/** A finding about instances of a cluster. */
export interface ClusterFinding extends Finding {
  readonly instances: readonly InstanceReport[];
}

/** One container instance. */
export interface InstanceReport {
  readonly id: string;
  readonly type: string | null;
  readonly registeredAt: string | null;
  readonly agentVersion: string | null;
  readonly hasTrunk: boolean;
  readonly roleArn: string | null;
  /** Tasks in awsvpc mode that run now. */
  readonly tasks: number | null;
  /** Tasks in awsvpc mode that have room, as the instance is, and with a trunk. */
  readonly room: { readonly today: number; readonly withTrunk: number } | null;
}

const ORDER: readonly Finding['level'][] = ['must', 'should', 'unknown', 'fine'];

/**
 * The findings of a cluster: instances with the same cause and the same remedy are one finding.
 *
 * @param target For the commands that are printed.
 */
export function reportCluster(
  cluster: ClusterFacts,
  target: Target,
  ec2: ReadonlyMap<string, Ec2Facts>,
  settings: ReadonlyMap<string, SettingFacts>,
): ClusterReport {
  const [, , , , accountId = ''] = cluster.arn.split(':');
  const groups = new Map<string, { diagnosis: Diagnosis; instances: InstanceReport[] }>();
  for (const instance of cluster.instances) {
    const known = ec2.get(instance.id);
    const setting = settings.get(known?.roleArn ?? '');
    const diagnosis = diagnose({ instance, ec2: known, setting, accountId, target });
    const key = JSON.stringify(diagnosis);
    const group = groups.get(key) ?? { diagnosis, instances: [] };
    group.instances.push(reportInstance(instance, known));
    groups.set(key, group);
  }
  const findings = [...groups.values()].map(({ diagnosis, instances }) => ({
    subject: 'trunk',
    ...diagnosis,
    instances,
  }));
  const ours = cluster.instances.filter(({ kind }) => kind === 'ec2');
  const withTrunk = ours.filter(({ hasTrunk }) => hasTrunk).length;
  const rooms = ours.flatMap((instance) => roomFor(instance) ?? []);
  return {
    name: cluster.name,
    withTrunk,
    withoutTrunk: ours.length - withTrunk,
    room: {
      today: rooms.reduce((sum, room) => sum + room.today, 0),
      withTrunks: rooms.reduce((sum, room) => sum + room.withTrunk, 0),
    },
    findings: worstFirst(findings),
  };
}

/** Findings by level; within a level, in the order in which they were found. */
export function worstFirst<Kind extends Finding>(findings: readonly Kind[]): Kind[] {
  return findings.toSorted((one, other) => ORDER.indexOf(one.level) - ORDER.indexOf(other.level));
}

/** The worst level of some findings. */
export function worstLevel(findings: readonly Finding[]): Finding['level'] {
  return ORDER.find((level) => findings.some((finding) => finding.level === level)) ?? 'fine';
}

/** Roles or clusters by their worst finding; those with the same level stay in their order. */
export function byWorst<Kind extends RoleReport | ClusterReport>(reports: readonly Kind[]): Kind[] {
  const rank = ({ findings }: Kind) => ORDER.indexOf(worstLevel(findings));
  return reports.toSorted((one, other) => rank(one) - rank(other));
}

/** Roles by their worst finding; those with the same level by ARN, so that each run has the same order. */
export function worstRolesFirst(roles: readonly RoleReport[]): RoleReport[] {
  return byWorst(roles.toSorted((one, other) => (one.roleArn < other.roleArn ? -1 : 1)));
}

function reportInstance(instance: InstanceFacts, ec2: Ec2Facts | undefined): InstanceReport {
  const { id, type, registeredAt, agentVersion, hasTrunk, awsvpcTasks } = instance;
  return {
    id,
    type: type ?? null,
    registeredAt: registeredAt?.toISOString() ?? null,
    agentVersion: agentVersion ?? null,
    hasTrunk,
    roleArn: ec2?.roleArn ?? null,
    tasks: awsvpcTasks ?? null,
    room: roomFor(instance),
  };
}

/** Only EC2 instances of the account: for others, AWS publishes no figures. */
function roomFor({ kind, isWindows, type = '', status, hasTrunk }: InstanceFacts): InstanceReport['room'] {
  const room = kind === 'ec2' && !isWindows ? roomOf(type) : undefined;
  if (!room) {
    return null;
  }
  const { withTrunk, withoutTrunk } = room;
  return { today: status !== 'ACTIVE' ? 0 : hasTrunk ? withTrunk : withoutTrunk, withTrunk };
}

/** What each reason that something was not read means. */
const UNREAD: Readonly<Record<Unread['reason'], { text: string; remedy: string }>> = {
  denied: {
    text: 'AWS denied the call',
    remedy: 'Allow ACTION: examples/doctor-policy.json has everything that this command calls.',
  },
  throttled: { text: 'AWS throttled the call', remedy: 'Run this again later, or for fewer clusters.' },
  unreachable: {
    text: 'AWS could not be reached',
    remedy: 'Check the network, HTTPS_PROXY, AWS_CA_BUNDLE and the Region.',
  },
  failed: {
    text: 'AWS answered with an error',
    remedy: 'Run this again. If it stays, look at the message.',
  },
};

/** A finding for what was not read. */
export function reportUnread({ action, reason, message, count }: Unread): Finding {
  const { text, remedy } = UNREAD[reason];
  return {
    level: 'unknown',
    subject: action,
    text,
    remedy: remedy.replace('ACTION', action),
    reason: count === 1 ? message : `${message} (${count} times)`,
  };
}

const MISSING = {
  cluster: 'The cluster does not exist in this Region',
  role: 'The role does not exist in this account',
} as const;

/** The cluster that was asked for is not there. */
export function reportMissingCluster(name: string): Finding {
  const remedy = 'Check its name, --region and --profile.';
  return { level: 'unknown', subject: name, text: MISSING.cluster, remedy };
}

/** The role that was asked for is not there. */
export function reportMissingRole({ given, other }: MissingRole): Finding {
  const reason = other && `the role of this name is ${other}`;
  const remedy = 'Check its name and --profile.';
  return { level: 'unknown', subject: given, text: MISSING.role, reason, remedy };
}

/** Every text that says that something is unknown. */
export const UNREAD_TEXTS: readonly string[] = [
  ...Object.values(UNREAD).map(({ text }) => text),
  ...Object.values(MISSING),
];
