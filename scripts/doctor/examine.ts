/** Looks at one Region: reads, judges, reports. */
import type { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { Calls } from './calls';
import { each } from './calls';
import type { ClusterFacts, Ec2Facts, SettingFacts, Value } from './facts';
import { effectiveValue } from './facts';
import type { Finding } from './finding';
import type { Selection } from './options';
import { readClusters } from './read-clusters';
import { readEc2 } from './read-ec2';
import { findRoles } from './read-roles';
import { findTypeName, readAccountDefault, readOwnValue, readStackResource } from './read-settings';
import { judgeRegistration } from './registration';
import {
  type RegionReport,
  type Report,
  type RoleReport,
  reportCluster,
  reportMissingCluster,
  reportMissingRole,
  reportUnread,
  worstFirst,
  worstRolesFirst,
} from './report';
import { judgeRole } from './roles';

/** The Region's clients, and what is reported while it is read. */
export interface Examination {
  readonly region: string;
  /** The AWS CLI profile that was given, for the commands that are printed. */
  readonly profile: string | undefined;
  readonly ecs: ECSClient;
  readonly ec2: EC2Client;
  readonly iam: IAMClient;
  readonly cloudformation: CloudFormationClient;
  readonly cloudcontrol: CloudControlClient;
  readonly calls: Calls;
  readonly selection: Selection;
  /** The type's name in the registry; without, it is looked for. */
  readonly typeName: string | undefined;
  readonly onCluster: (facts: ClusterFacts) => void;
}

/** Roles that are read at the same time. */
const AT_A_TIME = 4;

/** Examines a Region. What cannot be read is in the report. */
export async function examine(it: Examination): Promise<RegionReport> {
  const { region, profile, calls, selection } = it;
  const { clusters, missing } =
    selection.clusters === 'none'
      ? { clusters: [], missing: [] }
      : await readClusters(it, selection.clusters === 'all' ? undefined : selection.clusters);
  const ours = clusters.flatMap(({ instances }) => instances.filter(({ kind }) => kind === 'ec2'));
  const ec2 = await readEc2(
    it,
    ours.map(({ id }) => id),
  );
  const typeName = it.typeName ?? (await findTypeName(it));
  const accountDefault = await readAccountDefault(it);
  const used = [...new Set([...ec2.values()].flatMap(({ roleArn }) => roleArn ?? []))];
  const { roles: roleArns, missing: missingRoles } = await findRoles(it, selection.roles, used);
  const settings = await readSettings(it, {
    typeName,
    accountDefault,
    roleArns: [...roleArns.keys()],
    clusters,
    ec2,
  });
  const roles = await each([...roleArns], AT_A_TIME, ([roleArn, isAskedFor]) =>
    examineRole(it, roleArn, isAskedFor, settings.get(roleArn)),
  );
  const registration = await registrationFindings(it, typeName, [...roleArns.values()].includes(true));
  return {
    region,
    accountDefault,
    findings: [
      ...registration,
      ...missing.map(reportMissingCluster),
      ...missingRoles.map(reportMissingRole),
      ...[...calls.unread.values()].map(reportUnread),
    ],
    roles: worstRolesFirst(roles),
    clusters: clusters.map((cluster) => reportCluster(cluster, { region, profile }, ec2, settings)),
  };
}

/** Without the registration, roles that the user asks for cannot be managed; for others, it is only not there. */
async function registrationFindings(
  it: Examination,
  typeName: string | undefined,
  isAskedFor: boolean,
): Promise<Finding[]> {
  const notListed = [...it.calls.unread.values()].some(({ action }) => action === 'cloudformation:ListTypes');
  if (typeName === undefined && notListed) {
    return [];
  }
  const level = it.typeName !== undefined ? 'must' : isAskedFor ? 'should' : 'fine';
  return judgeRegistration(it, typeName, level);
}

/** The numbers of findings by level, of all Regions. Instances with the same finding count once. */
export function summarize(regions: readonly RegionReport[]): Report {
  const all = regions.flatMap(({ findings, roles, clusters }) => [
    ...findings,
    ...[...roles, ...clusters].flatMap((it): readonly Finding[] => it.findings),
  ]);
  const count = (level: Finding['level']) => all.filter((finding) => finding.level === level).length;
  const summary = {
    must: count('must'),
    should: count('should'),
    unknown: count('unknown'),
    fine: count('fine'),
  };
  return { version: 1, regions, summary };
}

/** 0: nothing to do; 1: something; 2: it could not be found out. */
export function exitCodeOf({ summary: { must, should, unknown } }: Report): number {
  return must + should > 0 ? 1 : unknown > 0 ? 2 : 0;
}

interface Found {
  readonly typeName: string | undefined;
  readonly accountDefault: Value | 'unknown';
  readonly roleArns: readonly string[];
  readonly clusters: readonly ClusterFacts[];
  readonly ec2: ReadonlyMap<string, Ec2Facts>;
}

async function readSettings(it: Examination, found: Found): Promise<Map<string, SettingFacts>> {
  const { typeName, accountDefault, roleArns } = found;
  const trunks = firstTrunks(found);
  const settings = await each(roleArns, AT_A_TIME, async (roleArn) => {
    const { own, failure } = await readOwnValue(it, typeName, roleArn);
    const managedBy = typeName === undefined ? undefined : await readStackResource(it, roleArn);
    return [roleArn, { own, failure, accountDefault, managedBy, firstTrunkAt: trunks.get(roleArn) }] as const;
  });
  return new Map(settings);
}

/** When the first instance of each role registered with a trunk. */
function firstTrunks({ clusters, ec2 }: Found): Map<string, Date> {
  const first = new Map<string, Date>();
  for (const { id, hasTrunk, registeredAt } of clusters.flatMap(({ instances }) => instances)) {
    const roleArn = ec2.get(id)?.roleArn;
    const known = first.get(roleArn ?? '');
    if (hasTrunk && roleArn && registeredAt && (!known || registeredAt < known)) {
      first.set(roleArn, registeredAt);
    }
  }
  return first;
}

async function examineRole(
  it: Examination,
  roleArn: string,
  isAskedFor: boolean,
  setting: SettingFacts | undefined,
): Promise<RoleReport> {
  return {
    roleArn,
    own: setting?.own ?? 'unknown',
    applies: setting ? effectiveValue(setting) : 'unknown',
    stack: setting?.managedBy?.stack ?? null,
    findings: worstFirst(await judgeRole(it, roleArn, isAskedFor, setting)),
  };
}
