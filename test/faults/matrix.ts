import type { Fault, FaultRule, RunResult } from 'local-account';
import {
  ASSUMPTIONS,
  type Assumption,
  COLUMNS,
  type Column,
  EXTENTS,
  type Extent,
  expectationOf,
  isTriedUnder,
  isUnnoticed,
  ROWS,
  type Row,
  USUAL,
} from './matrix-rules';
import { ASKED, BEFORE, inputOf, rollBack } from './operations';
import { outcomeOf, problemsOfEvent } from './progress-event';
import { inParallel, type TestAccount, type Trunking } from './test-account';

/** One call of one operation, and how often it fails. */
interface Attempt {
  readonly row: Row;
  readonly extent: Extent;
  readonly assumption: Assumption;
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

/** Every cell of the matrix. */
export const CELLS: readonly Cell[] = ASSUMPTIONS.flatMap((assumption) =>
  ROWS.flatMap((row) =>
    COLUMNS.filter((column) => isTriedUnder(assumption, row, column)).flatMap((column) =>
      EXTENTS.map((extent): Cell => ({ row, column, extent, assumption })),
    ),
  ),
);

/**
 * Tries the cells of the matrix.
 *
 * @param name Only the cells whose name contains this text, such as `UPDATE ecs:PutAccountSetting × throttled × 3`;
 * the name goes on with a comma and the assumption.
 * @throws Error if no cell has such a name.
 */
export async function runMatrix(accounts: readonly TestAccount[], name = ''): Promise<CellResult[]> {
  const cells = CELLS.filter((cell) => nameOfCell(cell).includes(name));
  if (cells.length === 0) {
    throw new Error(`No cell of the matrix has ${JSON.stringify(name)} in its name.`);
  }
  const results: CellResult[] = [];
  await inParallel(accounts, cells, async (account, cell) => void results.push(await runCell(account, cell)));
  return results;
}

/** Runs an operation in which a call has a fault, or none. */
export async function runOperation(
  account: TestAccount,
  attempt: Attempt,
  fault?: Fault,
): Promise<RunResult> {
  prepare(account, attempt, fault);
  const { action, filtered } = attempt.row;
  const input = inputOf(account, action, roleOf(account, attempt.row));
  return account.run(action, filtered ? { properties: account.model() } : input);
}

async function runCell(account: TestAccount, cell: Cell): Promise<CellResult> {
  const { row, column, extent, assumption } = cell;
  const { action } = row;
  const result = await runOperation(account, cell, column.fault);
  const outcome = outcomeOf(result.final);
  const setting = account.setting(roleOf(account, row));

  const expected = expectationOf(row, column, extent, assumption);
  const problems: string[] = [];
  if (outcome !== expected.outcome) {
    problems.push(`ended with ${outcome} rather than ${expected.outcome}: ${result.final.message}`);
  }
  const wanted = expected.setting === 'asked' ? ASKED[action] : beforeOf(row);
  if (setting !== wanted) {
    problems.push(`left ${setting} rather than ${wanted}`);
  }
  if (account.local.faults.made === 0) {
    problems.push('the call was not made');
  }
  problems.push(...problemsOf(account, cell, result));
  const waits = [...account.waits];
  account.local.faults.clear();
  if (result.final.status === 'FAILED' && row.situation !== 'gone') {
    problems.push(...(await rollBack(account, action, result.held)));
  }
  problems.push(...account.crashes);
  return { ...cell, outcome, setting, waits, problems };
}

function roleOf(account: TestAccount, { situation }: Row): string {
  return situation === 'gone' ? `${account.roleArn}-gone` : account.roleArn;
}

function beforeOf({ action, situation }: Row): Trunking | undefined {
  return situation === 'gone' ? undefined : BEFORE[action];
}

/** Starts a test in which a call of an operation has a fault, or none. */
export function prepare(account: TestAccount, { row, extent, assumption }: Attempt, fault?: Fault): void {
  // Telemetry has its own rows. In the other rows, it is on only where a single answer fails.
  const logging = row.call.startsWith('logs:') || row.call.startsWith('cloudwatch:') || extent === 1;
  account.reset(beforeOf(row), assumption, logging && assumption === USUAL);
  if (row.situation === 'unlogged') {
    account.removeLogGroup();
  }
  if (row.situation === 'denied') {
    account.local.faults.add({ ...target('sts:AssumeRole'), times: Infinity, fault: { kind: 'deny' } });
    account.local.faults.made = 0;
  }
  if (fault) {
    account.local.faults.add({ ...target(row.call), skip: row.occurrence - 1, times: extent, fault });
  }
}

/** The calls that an operation makes without a fault in the situation of a row, each once, sorted. */
export async function callsWithoutFault(account: TestAccount, row: Row): Promise<string[]> {
  await runOperation(account, { row, extent: 1, assumption: USUAL });
  const names = account.local.calls.map(({ service, operation }) => {
    return `${service === 'monitoring' ? 'cloudwatch' : service}:${operation}`;
  });
  return [...new Set(names)].sort();
}

/** The service as request signatures name it. */
function target(call: string): Pick<FaultRule, 'service' | 'operation'> {
  const [service = '', operation = ''] = call.split(':');
  return { service: service === 'cloudwatch' ? 'monitoring' : service, operation };
}

/** What is wrong with the answers themselves. */
function problemsOf(
  account: TestAccount,
  { row, column, extent, assumption }: Cell,
  { events, final }: RunResult,
): string[] {
  const problems: string[] = [];
  const usual = row.action === 'CREATE' ? 2 : 1;
  if (isUnnoticed(row, column, extent) && events.length !== usual && assumption.lag === 0) {
    problems.push(`took ${events.length} invocations rather than ${usual}`);
  }
  const { action } = row;
  if (final.status === 'SUCCESS' && action !== 'LIST' && action !== 'DELETE') {
    const model = account.model(ASKED[action]);
    if (!isSame(final.resourceModel, model)) {
      problems.push(`answered ${JSON.stringify(final.resourceModel)}`);
    }
  }
  if (final.status === 'SUCCESS' && action === 'LIST') {
    const left = column.code === 'AccessDenied' ? [] : [account.model(ASKED.LIST)];
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
export function nameOfCell({ row, column, extent, assumption }: Cell): string {
  return `${nameOf(row)} × ${column.name} × ${extent}, ${assumption.name}`;
}

/** The matrix as text: in each cell the outcome when one answer fails, three, and all. */
export function printMatrix(all: readonly CellResult[]): string {
  return ASSUMPTIONS.map((assumption) => {
    const results = all.filter((result) => result.assumption === assumption);
    return `${assumption.name}:\n\n${printTable(results)}`;
  })
    .concat([
      'ok SUCCESS · none NotFound · thr Throttling · int ServiceInternalError · net NetworkFailure · den AccessDenied ·',
      'cred InvalidCredentials · own AlreadyExists, its own setting · + failed, but took effect (the rollback removed it) ·',
      '! not as expected',
    ])
    .join('\n');
}

function printTable(results: readonly CellResult[]): string {
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
