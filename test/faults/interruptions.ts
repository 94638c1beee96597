import { inLanes, type Lane } from './lane';
import { CELLS, type Cell, inputOf, nameOfCell, prepare } from './matrix';

/** A create that the delete of its stack ends at one of its waits. */
interface Interruption extends Cell {
  readonly wait: number;
}

/** The first waits of a create: between its two steps, and then for a call that fails or a list that is behind. */
const WAITS = [1, 2];

/**
 * Deletes the stack during each create of the matrix, whatever goes wrong with the create.
 *
 * @returns How many creates were interrupted, and what is wrong afterwards.
 */
export async function runInterruptions(lanes: readonly Lane[]): Promise<{ tried: number; wrong: string[] }> {
  // The SDK outlasts a single failure.
  const isTried = ({ row, extent }: Cell) =>
    row.action === 'CREATE' && row.situation === 'usual' && extent !== 1;
  const creates = CELLS.filter(isTried);
  const interruptions = creates.flatMap((cell) => WAITS.map((wait): Interruption => ({ ...cell, wait })));
  const wrong: string[] = [];
  let tried = 0;
  await inLanes(lanes, interruptions, async (lane, interruption) => {
    const problem = await interrupt(lane, interruption);
    if (problem !== 'not interrupted') {
      tried += 1;
      const name = `${nameOfCell(interruption)}, deleted at wait ${interruption.wait}`;
      wrong.push(...(problem ? [`${name}: ${problem}`] : []));
    }
  });
  return { tried, wrong };
}

/** @returns What is wrong after the delete. */
async function interrupt(lane: Lane, cell: Interruption): Promise<string | undefined> {
  prepare(lane, cell, cell.column.fault);
  const created = await lane.interrupt('CREATE', inputOf(lane, cell.row), cell.wait);
  if (!created) {
    return 'not interrupted';
  }
  lane.account.faults.clear();
  // Without a model, CloudFormation has nothing to delete.
  if (created.held) {
    const { final } = await lane.run('DELETE', { properties: lane.model() });
    if (final.status !== 'SUCCESS' && final.errorCode !== 'NotFound') {
      return `the delete failed: ${final.message}`;
    }
  }
  const left = lane.setting();
  return left === undefined ? undefined : `left ${left}`;
}
