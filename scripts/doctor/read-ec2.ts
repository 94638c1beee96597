/** Reads what EC2 and IAM know about container instances. */
import {
  DescribeInstancesCommand,
  type DescribeInstancesCommandOutput,
  DescribeSubnetsCommand,
  type Instance,
} from '@aws-sdk/client-ec2';
import { GetInstanceProfileCommand } from '@aws-sdk/client-iam';
import { distinct, each, inGroups, type Reader } from './calls';
import type { Ec2Facts } from './facts';

/** The most values that a filter takes (EC2 API reference, "Query-Requests", filters). */
const BATCH = 200;

const AT_A_TIME = 8;

/**
 * Reads EC2 instances, with the owners of their subnets and the roles of their instance profiles.
 *
 * @returns facts by instance ID; nothing for an instance that EC2 does not know any more.
 */
export async function readEc2(reader: Reader, ids: readonly string[]): Promise<Map<string, Ec2Facts>> {
  const found = await describeInstances(reader, ids);
  const owners = await subnetOwners(reader, distinct(found.map(({ subnetId }) => subnetId)));
  const roles = await rolesOf(reader, distinct(found.map(({ profile }) => profile)));
  return new Map(
    found.map(({ id, subnetId, ...facts }) => [
      id,
      { ...facts, roleArn: roles.get(facts.profile ?? ''), subnetOwner: owners.get(subnetId ?? '') },
    ]),
  );
}

/** With a filter: EC2 refuses a whole call if one of its instance IDs does not exist. */
async function describeInstances({ ec2, calls }: Reader, ids: readonly string[]) {
  const pick = (page: DescribeInstancesCommandOutput) =>
    page.Reservations?.flatMap(({ Instances = [] }) => Instances.map(toFound));
  const found = await each(inGroups(ids, BATCH), AT_A_TIME, (Values) => {
    const send = (NextToken: string | undefined) =>
      ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values }], NextToken }));
    return calls.all('ec2:DescribeInstances', send, pick);
  });
  return found.flatMap(({ items }) => items);
}

function toFound(instance: Instance) {
  return {
    id: instance.InstanceId ?? '',
    // arn:aws:iam::111122223333:instance-profile/path/name
    profile: instance.IamInstanceProfile?.Arn?.split('/').at(-1),
    subnetId: instance.SubnetId,
    hasDnsRecords: instance.PrivateDnsNameOptions?.EnableResourceNameDnsARecord ?? false,
    group: instance.Tags?.find(({ Key }) => Key === 'aws:autoscaling:groupName')?.Value,
  };
}

async function subnetOwners({ ec2, calls }: Reader, ids: readonly string[]): Promise<Map<string, string>> {
  const found = await each(inGroups(ids, BATCH), 1, (Values) => {
    const send = (NextToken: string | undefined) =>
      ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'subnet-id', Values }], NextToken }));
    return calls.all('ec2:DescribeSubnets', send, (page) => page.Subnets);
  });
  const subnets = found.flatMap(({ items }) => items);
  return new Map(subnets.map(({ SubnetId = '', OwnerId = '' }) => [SubnetId, OwnerId]));
}

/** The role in each instance profile; a profile that was deleted meanwhile has none. */
async function rolesOf(
  { iam, calls }: Reader,
  profiles: readonly string[],
): Promise<Map<string, string | undefined>> {
  const found = await each(profiles, AT_A_TIME, async (name) => {
    const command = new GetInstanceProfileCommand({ InstanceProfileName: name });
    const answer = await calls.find('iam:GetInstanceProfile', () => iam.send(command));
    return [name, answer?.found?.InstanceProfile?.Roles?.[0]?.Arn] as const;
  });
  return new Map(found);
}
