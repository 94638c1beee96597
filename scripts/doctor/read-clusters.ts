/** Reads clusters and their container instances from ECS. */
import {
  type Cluster,
  type ContainerInstance,
  DescribeCapacityProvidersCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListClustersCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { nameOf } from '../command-line/option-checks';
import { type Calls, each, inGroups } from './calls';
import type { ClusterFacts, InstanceFacts } from './facts';

/** The most that ECS describes in one call (API reference: 100 clusters, container instances, tasks, providers). */
const BATCH = 100;

/** Clusters that are read at the same time. The pace of the calls is limited elsewhere. */
const AT_A_TIME = 8;

/** Where to read, and how to report what was read. */
export interface ClusterReader {
  readonly ecs: ECSClient;
  readonly calls: Calls;
  readonly onCluster: (facts: ClusterFacts) => void;
}

/**
 * Reads clusters.
 *
 * @param names Names or ARNs; without, all clusters of the Region.
 * @returns the clusters in the order of their names, and names that no active cluster has. If a call fails, no name
 * is called missing.
 */
export async function readClusters(
  reader: ClusterReader,
  names: readonly string[] | undefined,
): Promise<{ clusters: ClusterFacts[]; missing: string[] }> {
  const wanted = names ?? (await listClusters(reader));
  const { described, isComplete } = await describeClusters(reader, wanted);
  const found = described.filter(({ status }) => status !== 'INACTIVE');
  const missing = (isComplete ? (names ?? []) : []).filter(
    (name) => !found.some(({ clusterName }) => clusterName === nameOf(name)),
  );
  const clusters = await each(found, AT_A_TIME, (cluster) => readCluster(reader, cluster));
  return { clusters: clusters.sort((one, other) => (one.name < other.name ? -1 : 1)), missing };
}

async function listClusters({ ecs, calls }: ClusterReader): Promise<string[]> {
  const send = (nextToken: string | undefined) => ecs.send(new ListClustersCommand({ nextToken }));
  return (await calls.all('ecs:ListClusters', 'ECS clusters', send, (page) => page.clusterArns)).items;
}

/** @returns the clusters that ECS describes, and whether every call succeeded. */
async function describeClusters(
  { ecs, calls }: ClusterReader,
  names: readonly string[],
): Promise<{ described: Cluster[]; isComplete: boolean }> {
  const answers = await each(inGroups(names, BATCH), 1, (clusters) =>
    calls.make('ecs:DescribeClusters', 'ECS clusters', () =>
      ecs.send(new DescribeClustersCommand({ clusters })),
    ),
  );
  const described = answers.flatMap((answer) => answer?.clusters ?? []);
  return { described, isComplete: answers.every((answer) => answer !== undefined) };
}

async function readCluster(reader: ClusterReader, cluster: Cluster): Promise<ClusterFacts> {
  const { clusterName: name = '', clusterArn: arn = '' } = cluster;
  const described = await describeInstances(reader, arn);
  const managed = await managedProviders(reader, described);
  const tasks = described.some(hasTasks) ? await countTasks(reader, arn) : NO_TASKS;
  const instances = described.map((instance) =>
    toFacts(instance, managed, tasks && (tasks.get(instance.containerInstanceArn ?? '') ?? 0)),
  );
  const facts = { name, arn, instances };
  reader.onCluster(facts);
  return facts;
}

/** In every status but `INACTIVE`: ECS's default (API reference, ListContainerInstances). */
async function describeInstances(
  { ecs, calls }: ClusterReader,
  cluster: string,
): Promise<ContainerInstance[]> {
  const list = (nextToken: string | undefined) =>
    ecs.send(new ListContainerInstancesCommand({ cluster, nextToken }));
  const { items: arns } = await calls.all(
    'ecs:ListContainerInstances',
    'ECS cluster resources',
    list,
    (page) => page.containerInstanceArns,
  );
  const answers = await each(inGroups(arns, BATCH), 1, (containerInstances) =>
    calls.make('ecs:DescribeContainerInstances', 'ECS cluster resources', () =>
      ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances })),
    ),
  );
  return answers.flatMap((answer) => answer?.containerInstances ?? []);
}

const NO_TASKS: ReadonlyMap<string, number> = new Map();

function hasTasks({ runningTasksCount = 0, pendingTasksCount = 0 }: ContainerInstance): boolean {
  return runningTasksCount + pendingTasksCount > 0;
}

/** Those capacity providers of the instances for which ECS manages the instances. */
async function managedProviders(
  { ecs, calls }: ClusterReader,
  instances: readonly ContainerInstance[],
): Promise<Set<string>> {
  const names = instances.flatMap(({ capacityProviderName: name }) => (name ? [name] : []));
  const answers = await each(inGroups([...new Set(names)], BATCH), 1, (capacityProviders) =>
    calls.make('ecs:DescribeCapacityProviders', 'ECS capacity providers', () =>
      ecs.send(new DescribeCapacityProvidersCommand({ capacityProviders })),
    ),
  );
  const managed = answers
    .flatMap((answer) => answer?.capacityProviders ?? [])
    .filter(({ type, managedInstancesProvider }) => type === 'MANAGED_INSTANCES' || managedInstancesProvider);
  return new Set(managed.map(({ name = '' }) => name));
}

/**
 * How many tasks have a network interface of their own, by container instance.
 *
 * @returns nothing if some were not read.
 */
async function countTasks(
  { ecs, calls }: ClusterReader,
  cluster: string,
): Promise<ReadonlyMap<string, number> | undefined> {
  const counts = new Map<string, number>();
  const list = (nextToken: string | undefined) =>
    ecs.send(new ListTasksCommand({ cluster, nextToken, launchType: 'EC2' }));
  const { items, isComplete } = await calls.all(
    'ecs:ListTasks',
    'ECS cluster resources',
    list,
    (page) => page.taskArns,
  );
  for (const tasks of inGroups(items, BATCH)) {
    const answer = await calls.make('ecs:DescribeTasks', 'ECS cluster resources', () =>
      ecs.send(new DescribeTasksCommand({ cluster, tasks })),
    );
    if (!answer) {
      return undefined;
    }
    for (const { containerInstanceArn: arn = '', attachments = [] } of answer.tasks ?? []) {
      if (attachments.some(({ type }) => type === 'ElasticNetworkInterface')) {
        counts.set(arn, (counts.get(arn) ?? 0) + 1);
      }
    }
  }
  return isComplete ? counts : undefined;
}

/** The attributes are those of the guide, "task-placement-constraints"; an agent's capabilities have no value. */
function toFacts(
  instance: ContainerInstance,
  managed: ReadonlySet<string>,
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
  const attributes = new Map(
    (instance.attributes ?? []).map(({ name = '', value = '' }) => [name, value] as const),
  );
  const isExternal = attributes.has('ecs.capability.external') || id.startsWith('mi-');
  const isManaged = capacityProviderName !== undefined && managed.has(capacityProviderName);
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
