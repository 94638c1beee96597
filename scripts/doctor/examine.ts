/** Looks at one Region: reads, judges, reports. */
import { distinct, each, type Reader } from './calls';
import {
  type ClusterFacts,
  type Ec2Facts,
  effectiveValue,
  type InstanceFacts,
  type SettingFacts,
} from './facts';
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
  reportCluster,
  reportMissingCluster,
  reportMissingRole,
  reportUnread,
  worstFirst,
  worstRolesFirst,
} from './report';
import { judgeRole } from './roles';

/** What to look at in a Region, and what is reported while it is read. */
export interface Examination extends Reader {
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
  const { clusters, missing } = await readClusters(it, selection.clusters, it.onCluster);
  const instances = clusters.flatMap((cluster) => cluster.instances);
  const ours = instances.filter(({ kind }) => kind === 'ec2').map(({ id }) => id);
  const ec2 = await readEc2(it, ours);
  const typeName = it.typeName ?? (await findTypeName(it));
  const accountDefault = await readAccountDefault(it);
  const used = distinct([...ec2.values()].map(({ roleArn }) => roleArn));
  const { roles: roleArns, missing: missingRoles } = await findRoles(it, selection.roles, used);
  const trunks = firstTrunks(instances, ec2);
  const settings = new Map<string, SettingFacts>();
  const roles = await each([...roleArns], AT_A_TIME, async ([roleArn, isAskedFor]) => {
    const own = await readOwnValue(it, typeName, roleArn);
    const managedBy = typeName === undefined ? undefined : await readStackResource(it, roleArn);
    const setting = { ...own, accountDefault, managedBy, firstTrunkAt: trunks.get(roleArn) };
    settings.set(roleArn, setting);
    return {
      roleArn,
      own: setting.own,
      applies: effectiveValue(setting),
      stack: managedBy?.stack ?? null,
      findings: worstFirst(await judgeRole(it, roleArn, isAskedFor, setting)),
    };
  });
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

/** When the first instance of each role registered with a trunk. */
function firstTrunks(
  instances: readonly InstanceFacts[],
  ec2: ReadonlyMap<string, Ec2Facts>,
): Map<string, Date> {
  const first = new Map<string, Date>();
  for (const { id, hasTrunk, registeredAt } of instances) {
    const roleArn = ec2.get(id)?.roleArn ?? '';
    const known = first.get(roleArn);
    if (hasTrunk && registeredAt && (!known || registeredAt < known)) {
      first.set(roleArn, registeredAt);
    }
  }
  return first;
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
