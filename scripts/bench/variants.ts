/** The packages that the benchmark compares: ours, the stock one, the two SDK clients alone. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(__dirname, '../..');

/** Version 2 of the SDK knows no AWS_ENDPOINT_URL. The library loads this part of it in any case. */
const SDK_V2_ENDPOINT = `
const endpoint = process.env.AWS_ENDPOINT_URL;
const s3 = { endpoint, s3ForcePathStyle: true };
Object.assign(require('aws-sdk/global').config, { cloudwatch: { endpoint }, cloudwatchlogs: { endpoint }, s3 });
`;

/** A folder as Lambda would get it. */
export interface Variant {
  readonly name: string;
  readonly directory: string;
}

/** What `npm run build` has made. */
export const OURS: Variant = { name: 'ours', directory: join(ROOT, 'build/TypeFunction') };

/**
 * The stock variant in a temporary folder: the plugin's package.json, dependencies installed beside the
 * compiled files, version 2 of the SDK among them. Takes about half a minute.
 */
export async function buildStock(): Promise<Variant> {
  const directory = mkdtempSync(join(tmpdir(), 'stock-'));
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const names = Object.keys(dependencies).filter((name) => !/cloudwatch/.test(name));
  const wanted = Object.fromEntries(names.map((name) => [name, dependencies[name]]));
  const manifest = { name: 'stock', private: true, dependencies: { ...wanted, 'aws-sdk': '^2.656.0' } };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest));
  execFileSync('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], {
    cwd: directory,
  });
  const sources = [
    'account-setting',
    'aws',
    'aws-error',
    'deadline',
    'errors',
    'models',
    'redaction',
    'role-arn',
    'role-session',
  ];
  await build({
    entryPoints: [
      ...sources.map((name) => ({ in: join(ROOT, `src/${name}.ts`), out: name })),
      { in: join(ROOT, 'scripts/bench/stock-handlers.ts'), out: 'handlers' },
    ],
    outdir: join(directory, 'dist'),
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    tsconfig: join(ROOT, 'tsconfig.json'),
  });
  const handlers = join(directory, 'dist/handlers.js');
  const code = readFileSync(handlers, 'utf8').replaceAll('"../../src/', '"./');
  writeFileSync(handlers, `${SDK_V2_ENDPOINT}\n${code}`);
  return { name: 'stock', directory };
}

/** The two SDK clients alone, bundled and minified as we are, with the SDK as it comes. */
export async function buildTwoClients(): Promise<Variant> {
  const directory = mkdtempSync(join(tmpdir(), 'two-clients-'));
  mkdirSync(join(directory, 'dist'));
  await build({
    entryPoints: [join(ROOT, 'scripts/bench/two-clients.ts')],
    outfile: join(directory, 'dist/handlers.js'),
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    bundle: true,
    minify: true,
    mainFields: ['module', 'main'],
    legalComments: 'none',
  });
  return { name: 'two SDK clients alone', directory };
}

/** What the CLI would upload: it stores the package uncompressed. */
export function packageSize({ directory }: Variant): { bytes: number; files: number } {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const sizes = files.map(({ parentPath, name }) => statSync(join(parentPath, name)).size);
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), files: files.length };
}
