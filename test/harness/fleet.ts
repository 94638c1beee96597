/** A local account with container instances: IAM, settings, stacks and types of its own, clusters and EC2 from moto. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateSubnetCommand, CreateVpcCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  ECSClient,
  PutAttributesCommand,
  RegisterContainerInstanceCommand,
  RegisterTaskDefinitionCommand,
  StartTaskCommand,
} from '@aws-sdk/client-ecs';
import { CreateInstanceProfileCommand, IAMClient } from '@aws-sdk/client-iam';
import type { LocalAccount } from 'local-account';
import { Moto, type MotoState } from './moto';
import { REGION } from './sample-account';

/** Operations of Amazon ECS that the local account has; moto has all others. */
const SETTINGS = /^(Put|Delete|List)AccountSettings?(Default)?$/;

/** What AWS answers instead. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export const DENIED: Refusal = { status: 400, code: 'AccessDeniedException', message: 'not authorized' };
export const DENIED_BY_EC2: Refusal = {
  status: 403,
  code: 'UnauthorizedOperation',
  message: 'not authorized',
};
export const THROTTLED: Refusal = { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' };

/** A container instance to make. */
export interface InstanceInput {
  readonly cluster: string;
  readonly type?: string;
  /** An instance profile; its role is in the local account. */
  readonly profile?: string;
  readonly trunk?: boolean;
  /** Whether agent and AMI can use a trunk; yes by default. */
  readonly capable?: boolean;
  readonly agent?: string;
  readonly registeredAt?: string;
  /** Tasks in awsvpc mode. */
  readonly tasks?: number;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly state?: Omit<MotoState, 'region' | 'instanceId'>;
}

/** The account, moto, and the endpoint that stands before both for Amazon ECS and EC2. */
export class Fleet {
  static async start(account: LocalAccount): Promise<Fleet> {
    const fleet = new Fleet(account, await Moto.start(account.accountId));
    await new Promise<void>((resolve) => fleet.#server.listen(0, '127.0.0.1', resolve));
    return fleet;
  }

  readonly account: LocalAccount;
  readonly moto: Moto;
  /** What is answered instead, by action, such as `ec2:DescribeInstances`. */
  readonly refusals = new Map<string, Refusal>();
  /** The actions that were called at this endpoint. */
  readonly actions = new Set<string>();
  readonly #server: Server;
  readonly #ecs: ECSClient;
  readonly #ec2: EC2Client;
  readonly #iam: IAMClient;

  private constructor(account: LocalAccount, moto: Moto) {
    this.account = account;
    this.moto = moto;
    const credentials = { accessKeyId: 'moto', secretAccessKey: 'moto' };
    const options = { region: REGION, endpoint: moto.endpoint, credentials };
    this.#ecs = new ECSClient(options);
    this.#ec2 = new EC2Client(options);
    this.#iam = new IAMClient(options);
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The variables for a process that uses account and fleet. */
  environment(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return { ...base, AWS_ENDPOINT_URL_ECS: this.endpoint, AWS_ENDPOINT_URL_EC2: this.endpoint };
  }

  async createCluster(clusterName: string): Promise<void> {
    await this.#ecs.send(new CreateClusterCommand({ clusterName }));
  }

  /** Launches an EC2 instance and registers it. @returns its ID. */
  async addInstance(input: InstanceInput): Promise<string> {
    const { cluster, capable = true, tasks = 0, state } = input;
    const instanceId = await this.#launch(input);
    const instanceIdentityDocument = JSON.stringify({ instanceId });
    const { containerInstance } = await this.#ecs.send(
      new RegisterContainerInstanceCommand({ cluster, instanceIdentityDocument }),
    );
    const targetId = containerInstance?.containerInstanceArn ?? '';
    const attributes = {
      'ecs.os-type': 'linux',
      ...(capable && { 'ecs.capability.task-eni-trunking': '' }),
      ...(input.trunk && { 'ecs.awsvpc-trunk-id': 'eni-0123456789abcdef0' }),
      ...input.attributes,
    };
    const put = Object.entries(attributes).map(([name, value]) => ({ name, value, targetId }));
    await this.#ecs.send(new PutAttributesCommand({ cluster, attributes: put }));
    await this.#startTasks(cluster, targetId, tasks);
    await this.moto.set({
      region: REGION,
      instanceId,
      awsvpc: true,
      ...state,
      containerInstance: {
        version_info: { agentVersion: input.agent ?? '1.86.3' },
        registered_at: input.registeredAt ?? '2026-11-20T08:00:00+00:00',
        ...state?.containerInstance,
      },
    });
    return instanceId;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.moto.close();
  }

  async #launch({ profile, type = 'c5.large', state }: InstanceInput): Promise<string> {
    if (profile !== undefined) {
      const command = new CreateInstanceProfileCommand({ InstanceProfileName: profile });
      await this.#iam.send(command).catch(exists);
    }
    const { Instances } = await this.#ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-0123456789abcdef0',
        InstanceType: type as 'c5.large',
        MinCount: 1,
        MaxCount: 1,
        ...(profile !== undefined && { IamInstanceProfile: { Name: profile } }),
        // What is set of a subnet would otherwise be set for every instance.
        ...(state?.subnetOwner !== undefined && { SubnetId: await newSubnet(this.#ec2) }),
      }),
    );
    return Instances?.[0]?.InstanceId ?? '';
  }

  async #startTasks(cluster: string, instance: string, count: number): Promise<void> {
    if (count === 0) {
      return;
    }
    const containerDefinitions = [{ name: 'main', image: 'nginx', cpu: 1, memory: 4 }];
    await this.#ecs.send(new RegisterTaskDefinitionCommand({ family: 'web', containerDefinitions }));
    for (let started = 0; started < count; started += 1) {
      const task = { cluster, containerInstances: [instance], taskDefinition: 'web' };
      await this.#ecs.send(new StartTaskCommand(task));
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks);
    const [, ecsOperation] = `${request.headers['x-amz-target'] ?? ''}`.split('.');
    const operation = ecsOperation ?? new URLSearchParams(body.toString()).get('Action') ?? '';
    const action = `${ecsOperation === undefined ? 'ec2' : 'ecs'}:${operation}`;
    this.actions.add(action);
    const refusal = this.refusals.get(action);
    if (refusal) {
      refuse(response, refusal, ecsOperation !== undefined);
      return;
    }
    const to = SETTINGS.test(operation) ? this.account.endpoint : this.moto.endpoint;
    await forward(to, request, body, response);
  }
}

async function newSubnet(ec2: EC2Client): Promise<string | undefined> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: '10.9.0.0/24' }));
  return Subnet?.SubnetId;
}

async function forward(
  endpoint: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const headers = Object.entries(request.headers).filter(
    ([name]) => !['host', 'connection', 'content-length', 'expect'].includes(name),
  );
  const answer = await fetch(`${endpoint}${request.url}`, {
    method: 'POST',
    headers: headers.map(([name, value]) => [name, `${value}`] as [string, string]),
    body: new Uint8Array(body),
  });
  const type = answer.headers.get('content-type') ?? 'application/octet-stream';
  const text = Buffer.from(await answer.arrayBuffer());
  response.writeHead(answer.status, { 'content-type': type }).end(text);
}

/** In the form of each protocol: AWS JSON, and EC2's. */
function refuse(response: ServerResponse, { status, code, message }: Refusal, isJson: boolean): void {
  const body = isJson
    ? JSON.stringify({ __type: code, message })
    : `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>1</RequestID></Response>`;
  response
    .writeHead(status, { 'content-type': isJson ? 'application/x-amz-json-1.1' : 'text/xml' })
    .end(body);
}

function exists(error: unknown): void {
  if (!(error instanceof Error && error.name === 'EntityAlreadyExistsException')) {
    throw error;
  }
}
