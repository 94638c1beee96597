/** The doctor in an account with hundreds of clusters: a server answers as ECS, EC2 and IAM do, at their limits. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { nameOf } from '../command-line/shared-options';
import { type Limit, limitOf } from '../doctor/pace';
import type { Report } from '../doctor/report';
import { median } from './measure';
import { type ScaleRow, times } from './report';

const CLUSTERS = 500;
const INSTANCES = 20;
const TASKS = 80;
const PAGE = 100;
const ACCOUNT = '111122223333';

/** @throws AssertionError where an instance is missing from the report. */
export async function measureLargeAccount(latencyMs: number): Promise<ScaleRow> {
  const account = new Server(latencyMs);
  const server = createServer((request, response) => void account.serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const start = performance.now();
  const { report, memory } = await runDoctor(endpoint);
  const seconds = (performance.now() - start) / 1000;
  server.closeAllConnections();
  server.close();
  const found = report.regions[0]?.clusters.flatMap(({ findings }) => findings.flatMap((it) => it.instances));
  assert.equal(found?.length, CLUSTERS * INSTANCES);
  assert.ok(found.every(({ tasks, room }) => tasks === TASKS / INSTANCES && room));
  const tenth = Math.floor(memory.length / 10);
  const growth = median(memory.slice(-tenth)) / median(memory.slice(tenth, 2 * tenth));
  const { calls, throttled } = account;
  const least = account.least();
  return {
    what: `doctor: ${CLUSTERS} clusters, ${found.length.toLocaleString('en')} instances, ${calls.toLocaleString('en')} calls, AWS admitting what it documents`,
    target: 'no call throttled, ≤ 1.3 × what the rates allow, memory flat',
    result: `${throttled === 0 ? 'none' : throttled}, ${seconds.toFixed(1)} s of ${least.toFixed(1)} s (${times(seconds / least)}), memory in the last tenth ${times(growth)} that in the second tenth`,
    met: throttled === 0 && seconds <= 1.3 * least && growth <= 1.1,
  };
}

/** Runs the command as a process. @returns its report and, for each half second, its resident memory in bytes. */
async function runDoctor(endpoint: string): Promise<{ report: Report; memory: number[] }> {
  const doctor = spawn(
    process.execPath,
    ['--import', 'tsx', 'scripts/doctor.ts', '--all-clusters', '--json'],
    {
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: 'benchmark',
        AWS_SECRET_ACCESS_KEY: 'benchmark',
        AWS_REGION: 'us-east-1',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const memory: number[] = [];
  const ended = once(doctor, 'exit');
  const measuring = setInterval(() => {
    const rss = execFileSync('ps', ['-o', 'rss=', '-p', `${doctor.pid}`], { encoding: 'utf8' });
    memory.push(Number(rss) * 1024);
  }, 500);
  void ended.then(() => clearInterval(measuring));
  const stdout = await text(doctor.stdout);
  await ended;
  return { report: JSON.parse(stdout) as Report, memory };
}

/** A token bucket as AWS has it: full of its burst at the start. */
class Bucket {
  used = 0;
  #tokens: number;
  #filledAt = performance.now();

  constructor(readonly limit: Limit) {
    this.#tokens = limit.burst;
  }

  take(): boolean {
    const now = performance.now();
    const filled = this.#tokens + ((now - this.#filledAt) / 1000) * this.limit.perSecond;
    this.#tokens = Math.min(this.limit.burst, filled);
    this.#filledAt = now;
    const isFree = this.#tokens >= 1;
    this.#tokens -= isFree ? 1 : 0;
    this.used += isFree ? 1 : 0;
    return isFree;
  }
}

class Server {
  calls = 0;
  throttled = 0;
  readonly #buckets = new Map<Limit, Bucket>();

  constructor(private readonly latencyMs: number) {}

  /** The seconds that the calls take if the limit that holds them up the longest is used up all the time. */
  least(): number {
    const times = [...this.#buckets.values()].map(
      ({ used, limit: { burst, perSecond } }) => Math.max(0, used - burst) / perSecond,
    );
    return Math.max(...times);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    await wait(this.latencyMs);
    const [, ecs] = `${request.headers['x-amz-target'] ?? ''}`.split('.');
    const query = new URLSearchParams(body);
    const operation = ecs ?? query.get('Action') ?? '';
    // The scope of the signature: Credential=KEY/DATE/REGION/SERVICE/aws4_request
    const [, service] = /(\w+)\/aws4_request/.exec(request.headers.authorization ?? '') ?? [];
    const limit = limitOf(`${service}:${operation}`);
    const bucket = this.#buckets.get(limit) ?? new Bucket(limit);
    this.#buckets.set(limit, bucket);
    this.calls += 1;
    const isJson = ecs !== undefined;
    response.setHeader('content-type', isJson ? 'application/x-amz-json-1.1' : 'text/xml');
    if (!bucket.take()) {
      this.throttled += 1;
      const error = { __type: 'ThrottlingException', message: 'Rate exceeded' };
      response.writeHead(400).end(JSON.stringify(error));
      return;
    }
    const answer = isJson ? JSON.stringify(ECS[operation]?.(JSON.parse(body))) : QUERY[operation]?.(query);
    response.writeHead(answer === undefined ? 400 : 200).end(answer ?? '<Response/>');
  }
}

const many = <Item>(count: number, item: (index: number) => Item) =>
  Array.from({ length: count }, (_, index) => item(index));
const arn = (resource: string) => `arn:aws:ecs:us-east-1:${ACCOUNT}:${resource}`;

interface EcsRequest {
  readonly nextToken?: string;
  readonly cluster: string;
  readonly clusters: string[];
  readonly containerInstances: string[];
  readonly tasks: string[];
}

/** Amazon ECS: clusters in pages, container instances and tasks. Every second instance has a trunk. */
const ECS: Readonly<Record<string, (request: EcsRequest) => object>> = {
  ListClusters: ({ nextToken = '0' }) => {
    const from = Number(nextToken);
    const to = from + PAGE;
    const clusterArns = many(PAGE, (index) => arn(`cluster/c${from + index}`));
    return { clusterArns, ...(to < CLUSTERS && { nextToken: `${to}` }) };
  },
  DescribeClusters: ({ clusters }) => ({
    clusters: clusters.map((clusterArn) => ({
      clusterArn,
      clusterName: nameOf(clusterArn),
      status: 'ACTIVE',
    })),
  }),
  ListContainerInstances: ({ cluster }) => ({
    containerInstanceArns: many(INSTANCES, (index) => arn(`container-instance/${nameOf(cluster)}/${index}`)),
  }),
  DescribeContainerInstances: ({ containerInstances }) => ({
    containerInstances: containerInstances.map(toInstance),
  }),
  ListTasks: ({ cluster }) => ({ taskArns: many(TASKS, (index) => arn(`task/${nameOf(cluster)}/${index}`)) }),
  DescribeTasks: ({ cluster, tasks }) => ({
    tasks: tasks.map((taskArn, index) => ({
      taskArn,
      containerInstanceArn: arn(`container-instance/${nameOf(cluster)}/${index % INSTANCES}`),
      attachments: [{ type: 'ElasticNetworkInterface', status: 'ATTACHED' }],
    })),
  }),
  ListAccountSettings: () => ({ settings: [] }),
};

function toInstance(containerInstanceArn: string): object {
  const [, cluster = '', index = ''] = containerInstanceArn.split('/');
  const attributes = [
    { name: 'ecs.instance-type', value: 'c5.large' },
    { name: 'ecs.os-type', value: 'linux' },
    { name: 'ecs.capability.task-eni-trunking' },
    ...(Number(index) % 2 === 0 ? [{ name: 'ecs.awsvpc-trunk-id', value: 'eni-1' }] : []),
  ];
  return {
    containerInstanceArn,
    ec2InstanceId: `i-${cluster}-${index}`,
    status: 'ACTIVE',
    runningTasksCount: TASKS / INSTANCES,
    versionInfo: { agentVersion: '1.86.3' },
    registeredAt: 1_790_000_000 + Number(index),
    attributes,
  };
}

/** EC2, IAM and CloudFormation, in their query protocols. */
const QUERY: Readonly<Record<string, (query: URLSearchParams) => string>> = {
  DescribeInstances: (query) => {
    const ids = [...query].flatMap(([key, value]) => (key.startsWith('Filter.1.Value.') ? [value] : []));
    const profile = `<iamInstanceProfile><arn>arn:aws:iam::${ACCOUNT}:instance-profile/web</arn></iamInstanceProfile>`;
    const items = ids.map(
      (id) => `<item><instanceId>${id}</instanceId><subnetId>subnet-1</subnetId>${profile}</item>`,
    );
    return `<DescribeInstancesResponse><reservationSet><item><instancesSet>${items.join('')}</instancesSet></item></reservationSet></DescribeInstancesResponse>`;
  },
  DescribeSubnets: () =>
    `<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-1</subnetId><ownerId>${ACCOUNT}</ownerId></item></subnetSet></DescribeSubnetsResponse>`,
  GetInstanceProfile: () =>
    `<GetInstanceProfileResponse><GetInstanceProfileResult><InstanceProfile><Roles><member><Arn>arn:aws:iam::${ACCOUNT}:role/web</Arn></member></Roles></InstanceProfile></GetInstanceProfileResult></GetInstanceProfileResponse>`,
  ListTypes: () =>
    '<ListTypesResponse><ListTypesResult><TypeSummaries/></ListTypesResult></ListTypesResponse>',
};
