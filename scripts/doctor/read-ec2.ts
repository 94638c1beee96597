/** Reads what EC2 and IAM know about container instances. */
import {
  DescribeInstancesCommand,
  type DescribeInstancesCommandOutput,
  DescribeSubnetsCommand,
  type EC2Client,
  type Instance,
} from '@aws-sdk/client-ec2';
import { GetInstanceProfileCommand, type IAMClient } from '@aws-sdk/client-iam';
import { type Calls, each, inGroups } from './calls';
import type { Ec2Facts } from './facts';

/** The most values that a filter takes (EC2 API reference, "Query-Requests", filters). */
const BATCH = 200;

const AT_A_TIME = 8;

/** Where to read. */
export interface Ec2Reader {
  readonly ec2: EC2Client;
  readonly iam: IAMClient;
  readonly calls: Calls;
}

/**
 * Reads EC2 instances, with the owners of their subnets and the roles of their instance profiles.
 *
 * @returns facts by instance ID; nothing for an instance that EC2 does not know any more.
 */
export async function readEc2(reader: Ec2Reader, ids: readonly string[]): Promise<Map<string, Ec2Facts>> {
  const found = await describeInstances(reader, ids);
  const subnets = new Set([...found.values()].flatMap(({ subnetId }) => (subnetId ? [subnetId] : [])));
  const owners = await subnetOwners(reader, [...subnets]);
  const profiles = new Set([...found.values()].flatMap(({ profile }) => (profile ? [profile] : [])));
  const roles = await rolesOf(reader, [...profiles]);
  return new Map(
    [...found.values()].map(({ id, subnetId, ...facts }) => [
      id,
      { ...facts, roleArn: roles.get(facts.profile ?? ''), subnetOwner: owners.get(subnetId ?? '') },
    ]),
  );
}

interface Found extends Omit<Ec2Facts, 'roleArn' | 'subnetOwner'> {
  readonly id: string;
  readonly subnetId: string | undefined;
}

/** With a filter: EC2 refuses a whole call if one of its instance IDs does not exist. */
async function describeInstances(
  { ec2, calls }: Ec2Reader,
  ids: readonly string[],
): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  await each(inGroups(ids, BATCH), AT_A_TIME, async (Values) => {
    const send = (NextToken: string | undefined) =>
      ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values }], NextToken }));
    const pick = (page: DescribeInstancesCommandOutput) =>
      page.Reservations?.flatMap(({ Instances = [] }) => Instances.map(toFound));
    for (const instance of (await calls.all('ec2:DescribeInstances', 'EC2', send, pick)).items) {
      found.set(instance.id, instance);
    }
  });
  return found;
}

function toFound(instance: Instance): Found {
  return {
    id: instance.InstanceId ?? '',
    // arn:aws:iam::111122223333:instance-profile/path/name
    profile: instance.IamInstanceProfile?.Arn?.split('/').at(-1),
    subnetId: instance.SubnetId,
    hasDnsRecords: instance.PrivateDnsNameOptions?.EnableResourceNameDnsARecord ?? false,
    group: instance.Tags?.find(({ Key }) => Key === 'aws:autoscaling:groupName')?.Value,
  };
}

async function subnetOwners({ ec2, calls }: Ec2Reader, ids: readonly string[]): Promise<Map<string, string>> {
  const owners = new Map<string, string>();
  for (const Values of inGroups(ids, BATCH)) {
    const send = (NextToken: string | undefined) =>
      ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'subnet-id', Values }], NextToken }));
    const { items } = await calls.all('ec2:DescribeSubnets', 'EC2', send, (page) => page.Subnets);
    for (const { SubnetId = '', OwnerId = '' } of items) {
      owners.set(SubnetId, OwnerId);
    }
  }
  return owners;
}

/** The role in each instance profile; a profile that was deleted meanwhile has none. */
async function rolesOf({ iam, calls }: Ec2Reader, profiles: readonly string[]): Promise<Map<string, string>> {
  const found = await each(profiles, AT_A_TIME, async (name) => {
    const command = new GetInstanceProfileCommand({ InstanceProfileName: name });
    const answer = await calls.make('iam:GetInstanceProfile', 'IAM', () => iam.send(command), [
      'NoSuchEntityException',
    ]);
    return [name, answer?.InstanceProfile?.Roles?.[0]?.Arn] as const;
  });
  return new Map(found.flatMap(([name, arn]) => (arn ? [[name, arn] as const] : [])));
}
