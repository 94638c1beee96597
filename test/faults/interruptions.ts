import { CELLS, type Cell, nameOfCell, prepare } from './matrix';
import { inputOf, rollBack } from './operations';
import { problemsOfAll, type TestAccount } from './test-account';

/** A create that the delete of its stack ends at one of its waits. */
interface Interruption extends Cell {
  readonly wait: number;
}

/** The first waits of a create: between its two steps, and then for a call that fails or a list that is behind. */
const WAITS = [1, 2];

/**
 * Deletes the stack during each create of the matrix, whatever goes wrong with the create.
 *
 * @returns how many creates were interrupted, and what is wrong afterwards.
 */
export async function runInterruptions(
  accounts: readonly TestAccount[],
): Promise<{ tried: number; wrong: string[] }> {
  // The SDK outlasts a single failure.
  const isTried = ({ row, extent }: Cell) =>
    row.action === 'CREATE' && row.situation === 'usual' && extent !== 1;
  const creates = CELLS.filter(isTried);
  const interruptions = creates.flatMap((cell) => WAITS.map((wait): Interruption => ({ ...cell, wait })));
  let tried = 0;
  const nameOf = (it: Interruption) => `${nameOfCell(it)}, deleted at wait ${it.wait}`;
  const wrong = await problemsOfAll(accounts, interruptions, nameOf, async (account, { wait, ...cell }) => {
    prepare(account, cell, cell.column.fault);
    const created = await account.interrupt('CREATE', inputOf(account, 'CREATE'), wait);
    if (!created) {
      return [];
    }
    tried += 1;
    account.local.faults.clear();
    return rollBack(account, 'CREATE', created.held);
  });
  return { tried, wrong };
}
