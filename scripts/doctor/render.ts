/** The report as text: at most 100 columns but for commands, the worst first. */
import { styleText } from 'node:util';
import type { Finding } from './finding';
import { HEADINGS } from './pages';
import {
  byWorst,
  type ClusterFinding,
  type ClusterReport,
  type InstanceReport,
  type RegionReport,
  type Report,
  type RoleReport,
  worstFirst,
  worstLevel,
} from './report';

/** How to print. */
export interface Style {
  /** Whether levels are coloured. */
  readonly isColoured: boolean;
  /** Every instance; otherwise those of fine clusters are only counted, and long lists are cut. */
  readonly isDetailed: boolean;
}

const WIDTH = 100;

/** How many instances of one finding are printed, unless every instance is. */
const CUT = 10;

/** Where a level's text begins. */
const INDENT = ' '.repeat(10);

const COLOURS = { must: 'red', should: 'yellow', unknown: 'magenta', fine: 'green' } as const;

/** A column of the table of instances. */
interface Column {
  readonly title: string;
  readonly width: number;
  /** To the right. */
  readonly isNumber?: true;
  readonly of: (it: InstanceReport) => string;
}

/** The longest instance type has 20 characters. */
const COLUMNS: readonly Column[] = [
  { title: 'instance', width: 20, of: ({ id }) => id },
  { title: 'type', width: 20, of: ({ type }) => type ?? '?' },
  // 2026-11-30T10:22:41.000Z
  { title: 'registered', width: 16, of: ({ registeredAt: at }) => at?.slice(0, 16).replace('T', ' ') ?? '?' },
  { title: 'agent', width: 7, of: ({ agentVersion }) => agentVersion ?? '?' },
  { title: 'tasks', width: 5, isNumber: true, of: ({ tasks }) => `${tasks ?? '?'}` },
  { title: 'room', width: 4, isNumber: true, of: ({ room }) => `${room?.today ?? '-'}` },
  { title: '+trunk', width: 6, isNumber: true, of: ({ room }) => `${room?.withTrunk ?? '-'}` },
];

/** The whole report. */
export function render(report: Report, style: Style): string {
  const regions = report.regions.map((region) => renderRegion(region, style));
  return `${regions.join('\n\n')}\n\n${renderSummary(report, style)}`;
}

function renderRegion(region: RegionReport, style: Style): string {
  const isEmpty = ({ findings }: ClusterReport) => findings.length === 0;
  const empty = region.clusters.filter(isEmpty).map(({ name }) => name);
  const clusters = byWorst(region.clusters.filter((it) => !isEmpty(it)));
  const which = style.isDetailed || empty.length === 1 ? empty.join(', ') : `${empty.length} clusters`;
  return [
    `${region.region}: account default ${region.accountDefault}`,
    ...worstFirst(region.findings).map((finding) => renderFinding(finding, style)),
    ...region.roles.map((role) => `\n${renderRole(role, style)}`),
    ...clusters.map((cluster) => `\n${renderCluster(cluster, style)}`),
    ...(empty.length > 0 ? [wrapped('\n', `No container instances${wereRead(region)}: ${which}.`, '')] : []),
  ].join('\n');
}

/** Whether a cluster has none is only known if ECS has listed and described them. */
function wereRead({ findings }: RegionReport): string {
  const isUnread = findings.some(({ subject }) => /^ecs:(List|Describe)ContainerInstances$/.test(subject));
  return isUnread ? ' were read' : '';
}

/** What is fine takes one line; each other finding has its own. */
function renderRole({ roleArn, own, applies, stack, findings }: RoleReport, style: Style): string {
  const value = own === 'none' ? `no value of its own: ${applies} applies` : `own value: ${own}`;
  const isFine = ({ level }: Finding) => level === 'fine';
  const facts = [
    ...findings.filter(isFine).map(({ subject, text }) => `${subject}: ${text}`),
    `${value}${stack === null ? '' : `, managed by stack ${stack}`}`,
  ];
  return [
    wrapped('', `Role ${roleArn}`, '  '),
    wrapped('  ', facts.join(' · '), '  '),
    ...findings.filter((finding) => !isFine(finding)).map((finding) => renderFinding(finding, style)),
  ].join('\n');
}

function renderCluster(cluster: ClusterReport, style: Style): string {
  const { name, withTrunk, withoutTrunk, room, findings } = cluster;
  const have = `${withTrunk} of ${withTrunk + withoutTrunk} EC2 instances ${withTrunk === 1 ? 'has' : 'have'}`;
  const lines = [
    wrapped('', `Cluster ${name}: ${have} a trunk.`, '  '),
    `  Room for ${room.today} tasks in awsvpc mode, ${room.withTrunks} if each that can had a trunk.`,
  ];
  if (style.isDetailed || worstLevel(findings) !== 'fine') {
    lines.push(inColumns(({ title }) => title));
    lines.push(...findings.map((finding) => renderClusterFinding(finding, style)));
  }
  return lines.join('\n');
}

function renderClusterFinding(finding: ClusterFinding, style: Style): string {
  const { instances } = finding;
  const shown = style.isDetailed ? instances : instances.slice(0, finding.level === 'fine' ? 0 : CUT);
  const rest = instances.length - shown.length;
  const more =
    rest === 0 ? [] : [`${INDENT}${shown.length === 0 ? rest : `and ${rest} more`} (--json lists all)`];
  const rows = shown.map((instance) => inColumns(({ of }) => of(instance)));
  return [renderFinding({ ...finding, subject: '' }, style), ...rows, ...more].join('\n');
}

/** A line of the table of instances. */
function inColumns(cellOf: (column: Column) => string): string {
  const cells = COLUMNS.map((column) => {
    const { width, isNumber } = column;
    return isNumber ? cellOf(column).padStart(width) : cellOf(column).padEnd(width);
  });
  return `${INDENT}${cells.join('  ')}`.trimEnd();
}

/** `must      text` and, below it, the remedy. A command stays on one line, to be copied. */
function renderFinding({ level, subject, text, reason, remedy, command }: Finding, style: Style): string {
  const what = [subject, text, reason].filter((part) => part !== '' && part !== undefined).join(': ');
  return [
    wrapped(`  ${inColour(level, level.padEnd(8), style)}`, what, INDENT),
    ...(remedy === undefined ? [] : [wrapped(`${INDENT}→ `, remedy, `${INDENT}  `)]),
    ...(command === undefined ? [] : [`${INDENT}  ${command}`]),
  ].join('\n');
}

/** Whatever stream the text goes to: the caller has looked. */
function inColour(level: Finding['level'], text: string, { isColoured }: Style): string {
  return isColoured ? styleText(COLOURS[level], text, { validateStream: false }) : text;
}

const MEANINGS = { must: 'to fix', should: 'to improve', unknown: 'that could not be found out' } as const;

function renderSummary({ summary }: Report, style: Style): string {
  const counts = (['must', 'should', 'unknown'] as const)
    .filter((level) => summary[level] > 0)
    .map((level) => `${summary[level]} ${inColour(level, level, style)} (${MEANINGS[level]})`);
  return counts.length === 0 ? 'Nothing to do.' : `${counts.join(', ')}.\n${HEADINGS}`;
}

/**
 * Breaks a text at its spaces.
 *
 * @param lead What the first line begins with, as wide as the indent.
 * @param indent What each other line begins with.
 */
function wrapped(lead: string, text: string, indent: string): string {
  const width = WIDTH - indent.length;
  // As many characters as fit, to the end of a word; a longer word stays whole.
  const lines = text.match(new RegExp(`(?:[^ ][^]{0,${width - 1}}|[^ ]+)(?= |$)`, 'g')) ?? [];
  return `${lead}${lines.join(`\n${indent}`)}`;
}
