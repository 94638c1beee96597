/** The options of `npm run doctor`. */

import type { Command, Values } from '../command-line/options';
import { checkExclusive, checkRegion, PROFILE_OPTION, REGION_OPTION } from '../command-line/shared-options';

/** ECS API reference, CreateCluster; IAM API reference, CreateRole. Either can be given as an ARN. */
const CLUSTER = /^(arn:[\w-]+:ecs:[\w-]+:\d{12}:cluster\/)?[\w-]{1,255}$/;
const ROLE = /^(arn:[\w-]+:iam::\d{12}:role\/([!-~]{1,510}\/)?)?[\w+=.@-]{1,64}$/;

const OPTIONS = {
  cluster: {
    value: 'NAME,…',
    description: 'Clusters to look at, and the roles of their instances. Names or ARNs.',
    unset: 'all, unless --role or --all-roles is given',
    check: eachOf(CLUSTER, 'the name of a cluster'),
  },
  'all-clusters': { description: 'Look at every cluster.' },
  role: {
    value: 'NAME,…',
    description: 'Roles to look at. Names or ARNs.',
    unset: 'those of the container instances; without --cluster, also every role that trusts the handlers',
    check: eachOf(ROLE, 'the name of a role'),
  },
  'all-roles': { description: 'Look at every role that trusts the handlers.' },
  region: {
    ...REGION_OPTION,
    value: 'REGION,…',
    description: 'The Regions to look at.',
    check: (value: string) =>
      value.split(',').every((region) => checkRegion(region) === undefined)
        ? undefined
        : 'is not a list of Regions, such as us-east-1,eu-central-1.',
  },
  profile: PROFILE_OPTION,
  namespace: {
    value: 'Acme',
    description: 'The namespace that the type is registered under, such as Acme.',
    unset: 'found in the registry',
    // The resource type definition schema's pattern of typeName.
    check: (value: string) =>
      /^[A-Za-z0-9]{2,64}$/.test(value) ? undefined : 'is not a namespace: 2 to 64 letters and digits.',
  },
  json: { description: 'Print the report as JSON. docs/doctor.schema.json describes it.' },
} as const;

export type DoctorOptions = Values<typeof OPTIONS>;

/** The command, and everything about its options that can be checked without AWS. */
export const DOCTOR: Command<typeof OPTIONS> = {
  name: 'doctor',
  summary:
    'Finds out which container instances have a trunk network interface and, where there is none, why. Only reads. ' +
    'Exit code: 0 if nothing is left to do, 1 if something is, 2 if it could not be found out.',
  synopsis: '[--cluster NAME] [--role NAME] [options]',
  options: OPTIONS,
  check: (values) => checkExclusive(values, ['cluster', 'all-clusters'], ['role', 'all-roles']),
};

/** What to look at. */
export interface Selection {
  readonly clusters: readonly string[] | 'all' | 'none';
  /** `used`: the roles of the container instances of the clusters. */
  readonly roles: readonly string[] | 'all' | 'used';
}

/** Without a selection: every cluster and every role. */
export function selectionOf(values: Partial<DoctorOptions>): Selection {
  const { cluster, role, 'all-clusters': allClusters, 'all-roles': allRoles } = values;
  const onlyRoles = role !== undefined || allRoles;
  const onlyClusters = cluster !== undefined || allClusters;
  return {
    clusters: cluster?.split(',') ?? (onlyRoles && !allClusters ? 'none' : 'all'),
    roles: role?.split(',') ?? (onlyClusters && !allRoles ? 'used' : 'all'),
  };
}

function eachOf(pattern: RegExp, what: string): (value: string) => string | undefined {
  return (value) =>
    value.split(',').every((one) => pattern.test(one))
      ? undefined
      : `has something that is not ${what}. Separate several with commas, without spaces.`;
}
