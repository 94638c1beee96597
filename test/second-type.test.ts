import { join } from 'node:path';
import { bundle } from '../scripts/bundle';
import { runContractSuite } from '../scripts/contract-suite';

const DIRECTORY = join(__dirname, 'second-type');

test('a second resource type passes the official contract suite on the same runtime', async () => {
  await bundle(DIRECTORY, []);
  const { passed, failed, skipped, output } = await runContractSuite({ directory: DIRECTORY });
  if (failed > 0) {
    console.error(output);
  }
  // The skipped tests are about tags, which the type does not have.
  expect({ passed, failed, skipped }).toEqual({ passed: 13, failed: 0, skipped: 2 });
});
