/** A cluster with an instance for each finding, a small one, and the roles that they take. */
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import type { LocalAccount } from 'local-account';
import type { Fleet, InstanceInput } from './fleet';
import { trusting } from './policies';
import { Deployments, registerType } from './registered-type';
import { copyRole, REGION } from './sample-account';

/** Later than every stack of a test. */
const NEW = '2099-01-01T08:00:00+00:00';

/** Roles by what their setting is; each has an instance profile of its name. */
const ROLES = {
  'set-by-stack': 'enabled',
  'off-by-stack': 'disabled',
  'set-by-hand': undefined,
  'off-by-hand': undefined,
  'without-value': undefined,
} as const;

/** Each instance by the text that the doctor has for it. */
export const INSTANCES: Readonly<Record<string, Omit<InstanceInput, 'cluster'>>> = {
  'ECS Managed Instances have a trunk by default': {
    state: { containerInstance: { capacity_provider_name: 'managed' } },
  },
  'External instances have no trunk': {
    attributes: { 'ecs.capability.external': '' },
    state: { containerInstance: { ec2_instance_id: 'mi-0123456789abcdef0' } },
  },
  'The instance has a trunk': { profile: 'set-by-stack', trunk: true, tasks: 3, registeredAt: NEW },
  'The instance is leaving the cluster': {
    profile: 'set-by-stack',
    state: { containerInstance: { status: 'DRAINING' } },
  },
  'The subnet is shared by another account': {
    profile: 'set-by-stack',
    state: {
      containerInstance: {
        status: 'REGISTRATION_FAILED',
        // aws/amazon-ecs-agent issue 2236
        status_reason:
          "Unexpected EC2 error while attempting to Create Network Interface in subnet 'subnet-1': InvalidParameterValue",
      },
      subnetOwner: '444455556666',
    },
  },
  'The instance failed to register': {
    profile: 'set-by-stack',
    state: { containerInstance: { status: 'REGISTRATION_FAILED', status_reason: 'RESOURCE:ENI' } },
  },
  'The instance is still registering': {
    profile: 'set-by-stack',
    state: { containerInstance: { status: 'REGISTERING' } },
  },
  'Windows instances cannot have a trunk': {
    profile: 'set-by-stack',
    type: 'm5.large',
    attributes: { 'ecs.os-type': 'windows', 'ecs.os-family': 'WINDOWS_SERVER_2022_CORE' },
  },
  'The instance type cannot have a trunk': { profile: 'set-by-stack', type: 't3.medium', tasks: 2 },
  'The role of the instance is unknown': {},
  'The role has its own value: disabled, as its stack declares': { profile: 'off-by-stack' },
  'The role has its own value: disabled': { profile: 'off-by-hand', tasks: 2 },
  'The role has no value of its own, and the account default is disabled': { profile: 'without-value' },
  'The ECS agent is older than 1.28.1': { profile: 'set-by-stack', agent: '1.20.0', registeredAt: NEW },
  'The agent or the AMI does not support trunking': {
    profile: 'set-by-stack',
    capable: false,
    registeredAt: NEW,
  },
  'Resource-name DNS A records are on': {
    profile: 'set-by-stack',
    registeredAt: NEW,
    state: { ec2: { private_dns_name_options: { EnableResourceNameDnsARecord: true } } },
  },
  'The instance registered before the setting was made': { profile: 'set-by-stack', tasks: 2 },
  'The ECS guide of 2023 calls this type unsupported': {
    profile: 'set-by-stack',
    type: 'c5n.large',
    registeredAt: NEW,
  },
  'The instance probably registered before the setting was made': { profile: 'set-by-hand' },
  'The value that applies to the role is unknown': { profile: 'not-opted-in' },
  'No cause was found': { profile: 'set-by-stack', type: 'm6i.large', registeredAt: NEW },
};

/** The instances of the cluster `web`, in an Auto Scaling group of its name. */
const WEB: readonly Omit<InstanceInput, 'cluster'>[] = [
  { trunk: true, tasks: 9, registeredAt: '2026-11-30T09:12:00+00:00' },
  { trunk: true, tasks: 7, registeredAt: '2026-11-30T09:14:00+00:00' },
  { tasks: 2 },
  { tasks: 2 },
  { type: 't3.medium', tasks: 1 },
];

/** Makes the cluster `web`, after `mixed`. */
export async function makeWebCluster(fleet: Fleet): Promise<void> {
  await fleet.createCluster('web');
  for (const input of WEB) {
    const state = { autoScalingGroup: 'web' };
    await fleet.addInstance({ cluster: 'web', profile: 'set-by-stack', state, ...input });
  }
}

/**
 * Makes the cluster `mixed`.
 *
 * @returns the ID of each instance, by its text.
 */
export async function makeMixedCluster(account: LocalAccount, fleet: Fleet): Promise<Map<string, string>> {
  await makeRoles(account);
  await fleet.createCluster('mixed');
  await fleet.moto.addManagedProvider(REGION, 'managed');
  const ids = new Map<string, string>();
  for (const [text, input] of Object.entries(INSTANCES)) {
    ids.set(text, await fleet.addInstance({ cluster: 'mixed', ...input }));
  }
  return ids;
}

/** Registers the type as `Acme::Ecs::RoleTrunking`, and makes the roles with their settings. */
async function makeRoles(account: LocalAccount): Promise<void> {
  const instanceRoleArn = await registerType(account, REGION);
  const deployments = new Deployments(account, REGION);
  for (const [name, Trunking] of Object.entries(ROLES)) {
    const RoleArn = copyRole(account, instanceRoleArn, name);
    if (Trunking !== undefined) {
      // One of them has more resources than DescribeStackResources returns.
      const deploy = name === 'set-by-stack' ? 'deployLarge' : 'deploy';
      await deployments[deploy](name, 'trunking.yml', { RoleArn, Trunking });
    }
  }
  const arnOf = (name: string) => `arn:aws:iam::${account.accountId}:role/${name}`;
  account.settings.set(REGION, arnOf('set-by-hand'), 'awsvpcTrunking', 'enabled');
  account.settings.set(REGION, arnOf('off-by-hand'), 'awsvpcTrunking', 'disabled');
  const assumeRolePolicyDocument = trusting({ Service: 'ec2.amazonaws.com' });
  account.roles.create({ name: 'not-opted-in', assumeRolePolicyDocument });
  const credentials = account.administrator();
  const iam = new IAMClient({ region: REGION, endpoint: account.endpoint, credentials });
  for (const name of [...Object.keys(ROLES), 'not-opted-in']) {
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name }));
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
  }
}
