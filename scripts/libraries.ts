/** `npm run libraries`: the folders of `packages/` as npm packages for other projects. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command-line/command';
import { runProgram } from './command-line/run-program';

const ROOT = join(__dirname, '..');
const TARGET = 'build/libraries';

const LIBRARIES = {
  name: 'libraries',
  summary: `Writes the npm packages of packages/ to ${TARGET}/, as JavaScript with declarations. \`npm pack\` takes each folder.`,
} as const;

/** The parts of a manifest that differ between this repository and the npm package. */
interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  /** Present if the package is made to be bundled. */
  readonly sideEffects?: false;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts?: object;
  readonly devDependencies?: object;
}

void runCommand(LIBRARIES, () => {
  rmSync(join(ROOT, TARGET), { recursive: true, force: true });
  compile('--module', 'CommonJS', '--declaration', '--outDir', TARGET);
  compile('--module', 'ESNext', '--outDir', `${TARGET}/es`);
  for (const name of readdirSync(join(ROOT, 'packages'))) {
    const [from, to] = [join(ROOT, 'packages', name), join(ROOT, TARGET, name)];
    const manifest: Manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
    // The compiler writes what it compiles; Node runs the rest as it is.
    const filter = (path: string) => !path.endsWith('.ts');
    cpSync(join(from, 'src'), join(to, 'src'), { recursive: true, filter });
    if (manifest.sideEffects === false) {
      renameSync(join(ROOT, TARGET, 'es', name, 'src'), join(to, 'es'));
    }
    // The resource types that the README says to start from.
    if (existsSync(join(from, 'test/types'))) {
      cpSync(join(from, 'test/types'), join(to, 'test/types'), { recursive: true });
    }
    cpSync(join(from, 'README.md'), join(to, 'README.md'));
    cpSync(join(ROOT, 'LICENSE'), join(to, 'LICENSE'));
    writeFileSync(join(to, 'package.json'), `${JSON.stringify(published(manifest), null, 2)}\n`);
    console.log(`${TARGET}/${name}`);
  }
  rmSync(join(ROOT, TARGET, 'es'), { recursive: true });
  return 0;
});

/** @throws CommandError where a package does not compile; the compiler has then printed the reason. */
function compile(...options: string[]): void {
  const project = ['--project', 'scripts/tsconfig.libraries.json'];
  const args = ['node_modules/typescript/bin/tsc', ...project, ...options];
  runProgram(process.execPath, args, (why) => `The packages do not compile${why}.`, { cwd: ROOT });
}

/**
 * The manifest of the npm package. Here, exports name TypeScript, which Node does not load from `node_modules`. npm does
 * not replace exports when it publishes (npm/cli issue 7586), so the package is a folder with a manifest of its own.
 * Node gets CommonJS, which every test runner loads. A bundler gets ES modules, which can be tree-shaken.
 *
 * What is bundled depends on ranges: a project's SDK clients then share their modules with the runtime. Of two copies,
 * the runtime would empty the wrong cache of signing keys, and the bundle would contain both.
 */
function published({ scripts, devDependencies, ...manifest }: Manifest): object {
  const compiled = Object.entries(manifest.exports).map(([name, source]) => {
    const file = source.replace(/\.ts$/, '');
    const module = manifest.sideEffects === false && { module: `${file.replace('/src/', '/es/')}.js` };
    return [name, { types: `${file}.d.ts`, ...module, default: `${file}.js` }];
  });
  const ranges = Object.entries(manifest.dependencies).map(([name, version]) => [name, `^${version}`]);
  const dependencies = manifest.sideEffects === false ? Object.fromEntries(ranges) : manifest.dependencies;
  return { ...manifest, dependencies, exports: Object.fromEntries(compiled) };
}
