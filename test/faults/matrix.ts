import type { Fault, FaultRule, Model, RunResult } from 'local-account';
import { inLanes, type Lane, type Trunking } from './lane';
import {
  COLUMNS,
  type Column,
  EXTENTS,
  type Extent,
  expectationOf,
  isTriedIn,
  isUnnoticed,
  ROWS,
  type Row,
  WORLDS,
  type World,
} from './matrix-rules';
import { problemsOfEvent } from './progress-event';

/** One call of one operation, and how often it fails. */
interface Attempt {
  readonly row: Row;
  readonly extent: Extent;
  readonly world: World;
}

/** An attempt, and one way in which its call fails. */
export interface Cell extends Attempt {
  readonly column: Column;
}

/** How the operation of a cell ended, and everything that is wrong with that. */
export interface CellResult extends Cell {
  readonly outcome: string;
  readonly setting: string | undefined;
  /** How long CloudFormation was asked to wait each time, in seconds. */
  readonly waits: readonly number[];
  readonly problems: readonly string[];
}

/** The setting before each operation, and the setting that it is asked for. */
const BEFORE = {
  CREATE: undefined,
  READ: 'enabled',
  UPDATE: 'enabled',
  DELETE: 'enabled',
  LIST: 'enabled',
} as const;
const ASKED = {
  CREATE: 'enabled',
  READ: 'enabled',
  UPDATE: 'disabled',
  DELETE: undefined,
  LIST: 'enabled',
} as const;

/** Every cell of the matrix. */
export const CELLS: readonly Cell[] = WORLDS.flatMap((world) =>
  ROWS.flatMap((row) =>
    COLUMNS.filter((column) => isTriedIn(world, row, column)).flatMap((column) =>
      EXTENTS.map((extent): Cell => ({ row, column, extent, world })),
    ),
  ),
);

/**
 * Tries the cells of the matrix.
 *
 * @param name Only the cells whose name contains this text, such as `UPDATE ecs:PutAccountSetting × throttled × 3`;
 * the name goes on with a comma and the world.
 * @throws Error if no cell has such a name.
 */
export async function runMatrix(lanes: readonly Lane[], name = ''): Promise<CellResult[]> {
  const cells = CELLS.filter((cell) => nameOfCell(cell).includes(name));
  if (cells.length === 0) {
    throw new Error(`No cell of the matrix has ${JSON.stringify(name)} in its name.`);
  }
  const results: CellResult[] = [];
  await inLanes(lanes, cells, async (lane, cell) => void results.push(await runCell(lane, cell)));
  return results;
}

/** Runs an operation in which a call has a fault. */
export async function runOperation(lane: Lane, attempt: Attempt, fault: Fault): Promise<RunResult> {
  prepare(lane, attempt, fault);
  return lane.run(attempt.row.action, inputOf(lane, attempt.row));
}

async function runCell(lane: Lane, cell: Cell): Promise<CellResult> {
  const { row, column, extent, world } = cell;
  const { roleArn, before, asked } = startOf(lane, row);
  const result = await runOperation(lane, cell, column.fault);
  const outcome = result.final.errorCode ?? result.final.status;
  const setting = lane.setting(roleArn);

  const expected = expectationOf(row, column, extent, world);
  const problems: string[] = [];
  if (outcome !== expected.outcome) {
    problems.push(`ended with ${outcome} rather than ${expected.outcome}: ${result.final.message}`);
  }
  const wanted = expected.setting === 'asked' ? asked : before;
  if (setting !== wanted) {
    problems.push(`left ${setting} rather than ${wanted}`);
  }
  if (lane.account.faults.made === 0) {
    problems.push('the call was not made');
  }
  problems.push(...problemsOf(lane, cell, result));
  const waits = [...lane.waits];
  lane.account.faults.clear();
  problems.push(...(await rollBack(lane, row, roleArn, result)));
  problems.push(...lane.crashes.map((crash) => `gave no answer: ${JSON.stringify(crash)}`));
  return { ...cell, outcome, setting, waits, problems };
}

/** The role of a row's operation, its setting before it, and the setting that it is asked for. */
function startOf(lane: Lane, { action, situation }: Row): Start {
  return situation === 'gone'
    ? { roleArn: `${lane.roleArn}-gone`, before: undefined, asked: undefined }
    : { roleArn: lane.roleArn, before: BEFORE[action], asked: ASKED[action] };
}

interface Start {
  readonly roleArn: string;
  readonly before: Trunking | undefined;
  readonly asked: Trunking | undefined;
}

/** Starts a test in which a call of an operation has a fault. */
export function prepare(lane: Lane, { row, extent, world }: Attempt, fault: Fault): void {
  // Telemetry has its own rows. In the other rows, it is on only where a single answer fails.
  const logging = row.call.startsWith('logs:') || row.call.startsWith('cloudwatch:') || extent === 1;
  lane.reset(startOf(lane, row).before, world, logging && world === WORLDS[0]);
  if (row.situation === 'unlogged') {
    lane.removeLogGroup();
  }
  if (row.situation === 'denied') {
    lane.account.faults.add({ ...target('sts:AssumeRole'), times: Infinity, fault: { kind: 'deny' } });
    lane.account.faults.made = 0;
  }
  lane.account.faults.add({
    ...target(row.call),
    skip: row.occurrence - 1,
    times: extent,
    fault,
  });
}

/** The service as request signatures name it. */
function target(call: string): Pick<FaultRule, 'service' | 'operation'> {
  const [service = '', operation = ''] = call.split(':');
  return { service: service === 'cloudwatch' ? 'monitoring' : service, operation };
}

/** What CloudFormation asks a row's operation for. */
export function inputOf(lane: Lane, row: Row) {
  const { action, filtered } = row;
  const { roleArn, asked } = startOf(lane, row);
  switch (action) {
    case 'CREATE':
      return { properties: lane.model(asked, roleArn) };
    case 'UPDATE':
      return {
        properties: lane.model(asked, roleArn),
        previousProperties: lane.model(BEFORE.UPDATE, roleArn),
      };
    case 'LIST':
      return { properties: filtered ? lane.model(undefined, roleArn) : {} };
    default:
      return { properties: lane.model(undefined, roleArn) };
  }
}

/** What is wrong with the answers themselves. */
function problemsOf(
  lane: Lane,
  { row, column, extent, world }: Cell,
  { events, final }: RunResult,
): string[] {
  const problems: string[] = [];
  const usual = row.action === 'CREATE' ? 2 : 1;
  if (isUnnoticed(row, column, extent) && events.length !== usual && world.lag === 0) {
    problems.push(`took ${events.length} invocations rather than ${usual}`);
  }
  const { action } = row;
  if (final.status === 'SUCCESS' && action !== 'LIST' && action !== 'DELETE') {
    const model = lane.model(ASKED[action]);
    if (!isSame(final.resourceModel, model)) {
      problems.push(`answered ${JSON.stringify(final.resourceModel)}`);
    }
  }
  if (final.status === 'SUCCESS' && action === 'LIST') {
    const left = column.code === 'AccessDenied' ? [] : [lane.model(ASKED.LIST)];
    if (!isSame(final.resourceModels, left)) {
      problems.push(`listed ${JSON.stringify(final.resourceModels)}`);
    }
  }
  return problems.concat(events.flatMap(problemsOfEvent));
}

/** By value, including the order of the properties. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Does what follows a failure in a stack, once the fault is over. @returns what is wrong afterwards. */
async function rollBack(
  lane: Lane,
  row: Row,
  roleArn: string,
  { held, final }: RunResult,
): Promise<string[]> {
  if (final.status !== 'FAILED' || row.situation === 'gone') {
    return [];
  }
  const undo = undoing(lane, row, roleArn, held);
  if (undo) {
    const { final: undone } = await lane.run(...undo);
    if (undone.status !== 'SUCCESS' && undone.errorCode !== 'NotFound') {
      return [`was not rolled back: ${undone.message}`];
    }
  }
  const left = lane.setting(roleArn);
  const should = row.action === 'DELETE' ? undefined : BEFORE[row.action];
  return left === should ? [] : [`left ${left} after the rollback`];
}

function undoing(
  lane: Lane,
  { action }: Row,
  roleArn: string,
  held: Model | undefined,
): Parameters<Lane['run']> | undefined {
  switch (action) {
    case 'CREATE':
      return held && ['DELETE', { properties: held }];
    case 'UPDATE': {
      const properties = lane.model(BEFORE.UPDATE, roleArn);
      return ['UPDATE', { properties, previousProperties: lane.model(ASKED.UPDATE, roleArn) }];
    }
    case 'DELETE':
      // A failed delete is not undone: the user deletes the stack again.
      return ['DELETE', { properties: lane.model(undefined, roleArn) }];
    default:
      return undefined;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  SUCCESS: 'ok',
  NotFound: 'none',
  Throttling: 'thr',
  ServiceInternalError: 'int',
  NetworkFailure: 'net',
  AccessDenied: 'den',
  InvalidCredentials: 'cred',
  AlreadyExists: 'own',
};

/** The name of a row. */
export function nameOf({ action, situation, call, occurrence, filtered }: Row): string {
  const when = { usual: '', denied: ', role denied', gone: ', role gone', unlogged: '' }[situation];
  return `${action}${filtered ? ' by role' : ''}${when} ${call}${occurrence === 2 ? ' (2nd)' : ''}`;
}

/** Such as `UPDATE ecs:PutAccountSetting × throttled × 3, retries keep the context`. */
export function nameOfCell({ row, column, extent, world }: Cell): string {
  return `${nameOf(row)} × ${column.name} × ${extent}, ${world.name}`;
}

/** The matrix as text: in each cell the outcome when one answer fails, three, and all. */
export function printMatrix(all: readonly CellResult[]): string {
  return WORLDS.map((world) => {
    const results = all.filter((result) => result.world === world);
    return `${world.name}:\n\n${printWorld(results)}`;
  })
    .concat([
      'ok SUCCESS · none NotFound · thr Throttling · int ServiceInternalError · net NetworkFailure · den AccessDenied ·',
      'cred InvalidCredentials · own AlreadyExists, its own setting · + failed, but took effect (the rollback removed it) ·',
      '! not as expected',
    ])
    .join('\n');
}

function printWorld(results: readonly CellResult[]): string {
  const rows = ROWS.filter((row) => results.some((result) => result.row === row));
  const columns = COLUMNS.filter((column) => results.some((result) => result.column === column));
  const cell = (row: Row, column: Column) =>
    EXTENTS.map((extent) => {
      const result = results.find((it) => it.row === row && it.column === column && it.extent === extent);
      const word = result && `${WORDS[result.outcome] ?? result.outcome}${effectOf(result)}`;
      return result?.problems.length ? `${word}!` : word;
    }).join(' ');
  const table = [
    ['once, three times, always', ...columns.map(({ name }) => name)],
    ...rows.map((row) => [nameOf(row), ...columns.map((column) => cell(row, column))]),
  ];
  const widths = (table[0] ?? []).map((_, index) =>
    Math.max(...table.map((cells) => cells[index]?.length ?? 0)),
  );
  const lines = table.map((cells) => cells.map((text, index) => text.padEnd(widths[index] ?? 0)).join(' | '));
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('-|-'));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function effectOf({ row, setting, outcome }: CellResult): string {
  const changed = row.situation === 'usual' && BEFORE[row.action] !== ASKED[row.action];
  return changed && outcome !== 'SUCCESS' && outcome !== 'NotFound' && setting === ASKED[row.action]
    ? '+'
    : '';
}
