import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// biome-ignore lint/style/noRestrictedImports: the types are tests of the package, not part of its interface.
import { InventoryServer } from '../../packages/resource-runtime/test/types/inventory-server';
import { type ContractOptions, runContractSuite } from '../../scripts/contract/suite';
import { bundle } from '../../scripts/packaging/bundle';
import { ROOT } from '../harness/project-files';

/* The official suite over this type, and over the types that the runtime is tested with. */

const TYPES = join(ROOT, 'packages/resource-runtime/test/types');

async function resultsOf(options: ContractOptions) {
  const { passed, failed, skipped, output } = await runContractSuite(options);
  if (failed > 0) {
    console.error(output);
  }
  return { passed, failed, skipped };
}

// The suite skips its tests of tags for a type that has none.
test('the built package passes', async () => {
  expect(await resultsOf({ directory: ROOT })).toEqual({ passed: 13, failed: 0, skipped: 2 });
});

test('a type in the memory of its process passes', async () => {
  const directory = join(TYPES, 'note');
  await bundle(directory, []);
  expect(await resultsOf({ directory })).toEqual({ passed: 13, failed: 0, skipped: 2 });
});

test('a type on an HTTP service passes, with the identifier that the service assigns and a type configuration', async () => {
  const directory = join(TYPES, 'item');
  const inventory = await InventoryServer.start();
  const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
  try {
    const file = join(folder, 'typeConfiguration.json');
    writeFileSync(file, JSON.stringify(inventory.typeConfiguration));
    await bundle(directory, []);
    const options = ['--typeconfig', file];
    // Skipped: a create with an identifier of one's own, twice.
    expect(await resultsOf({ directory, options })).toEqual({ passed: 13, failed: 0, skipped: 2 });
  } finally {
    rmSync(folder, { recursive: true });
    await inventory.close();
  }
});
