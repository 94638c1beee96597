/** The packages that the benchmark compares: ours, the stock package, and the two SDK clients alone. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { MINIFIED } from '../packaging/bundle';
import { filesBelow } from '../packaging/stage';

const ROOT = join(__dirname, '../..');

/** A package folder as Lambda runs it. */
export interface Variant {
  readonly name: string;
  readonly directory: string;
  /** Whether it delivers logs and metrics. */
  readonly delivers: boolean;
}

/** The output of `npm run build`. */
export const OURS: Variant = { name: 'ours', directory: join(ROOT, 'build/TypeFunction'), delivers: true };

/**
 * Builds the stock variant in a temporary folder, with the plugin's package.json and the dependencies installed next to
 * the compiled files, including version 2 of the SDK. Takes about half a minute.
 */
export async function buildStock(): Promise<Variant> {
  const directory = mkdtempSync(join(tmpdir(), 'stock-'));
  const dependenciesOf = (folder: string) =>
    JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')).dependencies;
  // The runtime is bundled, as source of the project; what it depends on is installed.
  const dependencies = { ...dependenciesOf('.'), ...dependenciesOf('packages/resource-runtime') };
  const names = Object.keys(dependencies).filter((name) => name !== 'resource-runtime');
  const wanted = Object.fromEntries(names.map((name) => [name, dependencies[name]]));
  const manifest = { name: 'stock', private: true, dependencies: { ...wanted, 'aws-sdk': '^2.656.0' } };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest));
  execFileSync('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], {
    cwd: directory,
  });
  await build({
    entryPoints: [join(ROOT, 'scripts/bench/stock-handlers.ts')],
    // Packages are not bundled, as with the plugin.
    packages: 'external',
    alias: {
      'resource-runtime': join(ROOT, 'packages/resource-runtime/src'),
      'resource-runtime/testing': join(ROOT, 'packages/resource-runtime/src/testing'),
    },
    inject: [join(ROOT, 'scripts/bench/sdk-v2-endpoint.js')],
    outfile: join(directory, 'dist/handlers.js'),
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    bundle: true,
    tsconfig: join(ROOT, 'tsconfig.json'),
  });
  return { name: 'stock', directory, delivers: true };
}

/** Builds the SDK's clients alone, bundled and minified like our handlers, with the unmodified SDK. */
export async function buildFloor(): Promise<Variant> {
  const directory = mkdtempSync(join(tmpdir(), 'floor-'));
  await build({
    entryPoints: [join(ROOT, 'scripts/bench/floor.ts')],
    outfile: join(directory, 'dist/handlers.js'),
    ...MINIFIED,
  });
  return { name: 'floor', directory, delivers: false };
}

/** The size of what the CLI would upload. It stores the package uncompressed. */
export function packageSize({ directory }: Variant): { bytes: number; files: number } {
  const sizes = filesBelow(directory).map((path) => statSync(path).size);
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), files: sizes.length };
}
