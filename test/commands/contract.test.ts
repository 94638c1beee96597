import { join } from 'node:path';
import { runContractSuite } from '../../scripts/contract/suite';
import { bundle } from '../../scripts/packaging/bundle';

const ROOT = join(__dirname, '../..');
const NOTE = join(ROOT, 'packages/resource-runtime/test/types/note');

/** Neither type has tags, which the skipped tests are about. */
const RESULTS = { passed: 13, failed: 0, skipped: 2 };

async function resultsOf(directory: string) {
  const { passed, failed, skipped, output } = await runContractSuite({ directory });
  if (failed > 0) {
    console.error(output);
  }
  return { passed, failed, skipped };
}

test('the built package passes the official contract suite', async () => {
  expect(await resultsOf(ROOT)).toEqual(RESULTS);
});

test('another resource type on the same runtime passes the official contract suite', async () => {
  await bundle(NOTE, []);
  expect(await resultsOf(NOTE)).toEqual(RESULTS);
});
