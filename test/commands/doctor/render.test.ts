import { summarize } from '../../../scripts/doctor/examine';
import type { InstanceFacts } from '../../../scripts/doctor/facts';
import type { Finding } from '../../../scripts/doctor/finding';
import { render } from '../../../scripts/doctor/render';
import {
  type ClusterReport,
  reportCluster,
  reportUnread,
  worstRolesFirst,
} from '../../../scripts/doctor/report';
import { wrongIn } from '../../pages/commands';

/* The report as text, in-process. doctor.test.ts compares the text of a whole run with its picture. */

/** The text of a Region that has these clusters and findings. */
function textOf(clusters: readonly ClusterReport[], findings: readonly Finding[] = []): string {
  const region = { region: 'us-east-1', accountDefault: 'disabled', findings, roles: [], clusters } as const;
  return render(summarize([region]), { isColoured: false, isDetailed: true });
}

/** A cluster named `web`. */
const clusterOf = (...instances: InstanceFacts[]) => ({
  name: 'web',
  arn: 'arn:aws:ecs:us-east-1:111122223333:cluster/web',
  instances,
});

test('a command stands alone on its line, unbroken, quoted for a shell, and with the profile that was given', () => {
  const group = `${'the longest name of a group '.repeat(6)}that's there`;
  const instance = {
    id: 'i-0123456789abcdef0',
    kind: 'ec2',
    status: 'ACTIVE',
    statusReason: undefined,
    registeredAt: new Date('2026-11-20T08:00:00Z'),
    type: 'c5.large',
    isWindows: false,
    agentVersion: '1.86.3',
    canUseTrunk: true,
    hasTrunk: false,
    awsvpcTasks: 2,
  } as const;
  const roleArn = 'arn:aws:iam::111122223333:role/instances';
  const facts = { profile: 'instances', roleArn, subnetOwner: undefined, hasDnsRecords: false, group };
  const off = { own: 'none', failure: undefined, accountDefault: 'disabled' } as const;
  const setting = { ...off, managedBy: undefined, firstTrunkAt: undefined };
  const cluster = reportCluster(
    clusterOf(instance),
    { region: 'us-east-1', profile: 'dev' },
    new Map([[instance.id, facts]]),
    new Map([[roleArn, setting]]),
  );
  const command = `aws autoscaling start-instance-refresh --auto-scaling-group-name '${group.replace("'", "'\\''")}' --region us-east-1 --profile dev`;
  expect(wrongIn([command])).toBe('');
  expect(cluster.findings).toMatchObject([
    {
      remedy: 'Declare the setting for the role (README, step 3). Then replace the instance:',
      command,
    },
  ]);
  const lines = textOf([cluster]).split('\n');
  expect(lines.map((line) => line.trim())).toContain(command);
  expect(lines.filter((line) => line.length > 100)).toHaveLength(1);
});

test.each([
  [
    'does not say that a cluster is empty if its instances could not be read',
    'DescribeContainerInstances',
    ' were read',
  ],
  ['says that a cluster is empty if something else could not be read', 'ListAccountSettings', ''],
])('%s', (_, operation, wereRead) => {
  const cluster = reportCluster(clusterOf(), { region: 'us-east-1' }, new Map(), new Map());
  const denied = reportUnread({ action: `ecs:${operation}`, reason: 'denied', message: 'no', count: 1 });
  expect(textOf([cluster], [denied])).toContain(`\nNo container instances${wereRead}: web.\n`);
});

test('roles are in the order of their worst finding, then of their ARNs', () => {
  const role = (roleArn: string, level: 'must' | 'fine') => ({
    roleArn,
    own: 'none' as const,
    applies: 'disabled' as const,
    stack: null,
    findings: [{ level, subject: 'opted in', text: '' }],
  });
  const roles = [role('c', 'fine'), role('d', 'must'), role('a', 'fine'), role('b', 'must')];
  expect(worstRolesFirst(roles).map(({ roleArn }) => roleArn)).toEqual(['b', 'd', 'a', 'c']);
  expect(worstRolesFirst(roles.reverse()).map(({ roleArn }) => roleArn)).toEqual(['b', 'd', 'a', 'c']);
});
