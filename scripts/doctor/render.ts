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
  const empty = region.clusters.filter(isEmpty);
  const clusters = byWorst(region.clusters.filter((it) => !isEmpty(it)));
  const which =
    style.isDetailed || empty.length === 1
      ? empty.map(({ name }) => name).join(', ')
      : `${empty.length} clusters`;
  const none = empty.length === 0 ? [] : wrapped(`No container instances${wereRead(region)}: ${which}.`, '');
  return [
    `${region.region}: account default ${region.accountDefault}`,
    ...worstFirst(region.findings).map((finding) => renderFinding(finding, style)),
    ...region.roles.map((role) => `\n${renderRole(role, style)}`),
    ...clusters.map((cluster) => `\n${renderCluster(cluster, style)}`),
    ...(none.length > 0 ? [`\n${none.join('\n')}`] : []),
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
    ...wrapped(`Role ${roleArn}`, '  '),
    ...wrapped(`  ${facts.join(' · ')}`.trimStart(), '  ', 2).map((line, index) =>
      index === 0 ? `  ${line}` : line,
    ),
    ...findings.filter((finding) => !isFine(finding)).map((finding) => renderFinding(finding, style)),
  ].join('\n');
}

function renderCluster(cluster: ClusterReport, style: Style): string {
  const { name, withTrunk, withoutTrunk, room, findings } = cluster;
  const total = withTrunk + withoutTrunk;
  const lines = [
    ...wrapped(
      `Cluster ${name}: ${withTrunk} of ${total} EC2 instances ${withTrunk === 1 ? 'has' : 'have'} a trunk.`,
      '  ',
    ),
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
  const sentence = `${text}${reason === undefined ? '' : `: ${reason}`}`;
  const what = wrapped(subject === '' ? sentence : `${subject}: ${sentence}`, INDENT, INDENT.length);
  const todo = remedy === undefined ? [] : wrapped(`→ ${remedy}`, `${INDENT}  `, INDENT.length);
  return [
    `  ${inColour(level, level.padEnd(8), style)}${what.join('\n')}`,
    ...(todo.length === 0 ? [] : [`${INDENT}${todo.join('\n')}`]),
    ...(command === undefined ? [] : [`${INDENT}  ${command}`]),
  ].join('\n');
}

/** Whatever stream the text goes to: the caller has looked. */
function inColour(level: Finding['level'], text: string, { isColoured }: Style): string {
  return isColoured ? styleText(COLOURS[level], text, { validateStream: false }) : text;
}

function renderSummary({ summary: { must, should, unknown } }: Report, style: Style): string {
  if (must + should + unknown === 0) {
    return 'Nothing to do.';
  }
  const counts = [
    [must, 'must', 'to fix'],
    [should, 'should', 'to improve'],
    [unknown, 'unknown', 'that could not be found out'],
  ] as const;
  const texts = counts.flatMap(([count, level, what]) =>
    count === 0 ? [] : [`${count} ${inColour(level, level, style)} (${what})`],
  );
  return `${texts.join(', ')}.\n${HEADINGS}`;
}

/**
 * Breaks a text at its spaces.
 *
 * @param indent What each line but the first begins with.
 * @param taken Columns of the first line that are taken already.
 */
function wrapped(text: string, indent: string, taken = 0): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    const width = WIDTH - (lines.length === 1 ? taken : 0);
    if (line !== undefined && line.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else {
      lines.push(line === undefined ? word : `${indent}${word}`);
    }
  }
  return lines;
}
