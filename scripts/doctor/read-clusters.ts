/** Reads clusters and their container instances from ECS. */
import {
  type Cluster,
  type ContainerInstance,
  DescribeCapacityProvidersCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { nameOf } from '../command-line/shared-options';
import { distinct, each, type Reader } from './calls';
import type { ClusterFacts, InstanceFacts } from './facts';
import type { Selection } from './options';

/** Clusters that are read at the same time. The pace of the calls is limited elsewhere. */
const AT_A_TIME = 8;

/**
 * Reads clusters.
 *
 * @param selected Names or ARNs, or all clusters of the Region, or none.
 * @param onCluster Called for each cluster that was read, for the progress.
 * @returns the clusters in the order of their names, and names that no active cluster has. If a call fails, no name
 * is called missing.
 */
export async function readClusters(
  reader: Reader,
  selected: Selection['clusters'],
  onCluster: (facts: ClusterFacts) => void,
): Promise<{ clusters: ClusterFacts[]; missing: string[] }> {
  const { ecs, calls } = reader;
  const named = typeof selected === 'string' ? [] : selected;
  const { items: described, isComplete } = await calls.describe(
    'ecs:DescribeClusters',
    selected === 'all' ? await listClusters(reader) : named,
    (clusters) => ecs.send(new DescribeClustersCommand({ clusters })),
    ({ clusters }) => clusters,
  );
  const found = described.filter(({ status }) => status !== 'INACTIVE');
  const isMissing = (name: string) => !found.some(({ clusterName }) => clusterName === nameOf(name));
  const clusters = await each(found, AT_A_TIME, async (cluster) => {
    const facts = await readCluster(reader, cluster);
    onCluster(facts);
    return facts;
  });
  return {
    clusters: clusters.sort((one, other) => (one.name < other.name ? -1 : 1)),
    missing: isComplete ? named.filter(isMissing) : [],
  };
}

async function listClusters({ ecs, calls }: Reader): Promise<string[]> {
  const send = (nextToken: string | undefined) => ecs.send(new ListClustersCommand({ nextToken }));
  return (await calls.all('ecs:ListClusters', send, ({ clusterArns }) => clusterArns)).items;
}

async function readCluster(reader: Reader, cluster: Cluster): Promise<ClusterFacts> {
  const { clusterName: name = '', clusterArn: arn = '' } = cluster;
  const described = await describeInstances(reader, arn);
  const managed = await managedProviders(reader, described);
  const tasks = described.some(hasTasks) ? await countTasks(reader, arn) : new Map<string, number>();
  const instances = described.map((instance) =>
    toFacts(instance, managed, tasks && (tasks.get(instance.containerInstanceArn ?? '') ?? 0)),
  );
  return { name, arn, instances };
}

/** In every status but `INACTIVE`: ECS's default (API reference, ListContainerInstances). */
async function describeInstances({ ecs, calls }: Reader, cluster: string): Promise<ContainerInstance[]> {
  const { items: arns } = await calls.all(
    'ecs:ListContainerInstances',
    (nextToken) => ecs.send(new ListContainerInstancesCommand({ cluster, nextToken })),
    ({ containerInstanceArns }) => containerInstanceArns,
  );
  const { items } = await calls.describe(
    'ecs:DescribeContainerInstances',
    arns,
    (containerInstances) => ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances })),
    ({ containerInstances }) => containerInstances,
  );
  return items;
}

function hasTasks({ runningTasksCount = 0, pendingTasksCount = 0 }: ContainerInstance): boolean {
  return runningTasksCount + pendingTasksCount > 0;
}

/** Those capacity providers of the instances for which ECS manages the instances. */
async function managedProviders(
  { ecs, calls }: Reader,
  instances: readonly ContainerInstance[],
): Promise<Set<string | undefined>> {
  const { items } = await calls.describe(
    'ecs:DescribeCapacityProviders',
    distinct(instances.map(({ capacityProviderName }) => capacityProviderName)),
    (capacityProviders) => ecs.send(new DescribeCapacityProvidersCommand({ capacityProviders })),
    ({ capacityProviders }) => capacityProviders,
  );
  const managed = items.filter(
    ({ type, managedInstancesProvider }) => type === 'MANAGED_INSTANCES' || managedInstancesProvider,
  );
  return new Set(managed.map(({ name }) => name));
}

/**
 * How many tasks have a network interface of their own, by container instance.
 *
 * @returns nothing if some were not read.
 */
async function countTasks(
  { ecs, calls }: Reader,
  cluster: string,
): Promise<ReadonlyMap<string, number> | undefined> {
  const listed = await calls.all(
    'ecs:ListTasks',
    (nextToken) => ecs.send(new ListTasksCommand({ cluster, nextToken, launchType: 'EC2' })),
    ({ taskArns }) => taskArns,
  );
  const described = await calls.describe(
    'ecs:DescribeTasks',
    listed.items,
    (tasks) => ecs.send(new DescribeTasksCommand({ cluster, tasks })),
    ({ tasks }) => tasks?.filter(hasInterface).map(({ containerInstanceArn = '' }) => containerInstanceArn),
  );
  if (!listed.isComplete || !described.isComplete) {
    return undefined;
  }
  const counts = new Map<string, number>();
  for (const instance of described.items) {
    counts.set(instance, (counts.get(instance) ?? 0) + 1);
  }
  return counts;
}

function hasInterface({ attachments = [] }: Task): boolean {
  return attachments.some(({ type }) => type === 'ElasticNetworkInterface');
}

/** The attributes are those of the guide, "task-placement-constraints"; an agent's capabilities have no value. */
function toFacts(
  instance: ContainerInstance,
  managed: ReadonlySet<string | undefined>,
  awsvpcTasks: number | undefined,
): InstanceFacts {
  const {
    ec2InstanceId: id = '',
    status,
    statusReason,
    registeredAt,
    versionInfo,
    capacityProviderName,
  } = instance;
  const attributes = new Map(instance.attributes?.map(({ name = '', value = '' }) => [name, value]));
  const isExternal = attributes.has('ecs.capability.external') || id.startsWith('mi-');
  const isManaged = managed.has(capacityProviderName);
  return {
    id,
    kind: isExternal ? 'external' : isManaged ? 'managed' : 'ec2',
    status,
    statusReason,
    registeredAt,
    type: attributes.get('ecs.instance-type'),
    isWindows: /^windows/i.test(attributes.get('ecs.os-type') ?? attributes.get('ecs.os-family') ?? ''),
    agentVersion: versionInfo?.agentVersion,
    canUseTrunk: attributes.has('ecs.capability.task-eni-trunking'),
    hasTrunk: attributes.has('ecs.awsvpc-trunk-id'),
    awsvpcTasks,
  };
}
