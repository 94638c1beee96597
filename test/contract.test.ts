import { join } from 'node:path';
import { runContractSuite } from '../scripts/contract-suite';

const ROOT = join(__dirname, '..');

test('the built package passes the official contract suite: 13 passed, 2 skipped since the type has no tags', async () => {
  const { passed, failed, skipped, output } = await runContractSuite({ directory: ROOT });
  if (failed > 0) {
    console.error(output);
  }
  expect({ passed, failed, skipped }).toEqual({ passed: 13, failed: 0, skipped: 2 });
});
