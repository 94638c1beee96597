import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { outcomeOf } from '../harness/project-copy';
import { ROOT } from '../harness/project-files';

/* The npm packages that `npm run libraries` writes, installed with npm where nothing else of this project is. */

/** A resource type that imports the runtime by its name. */
const NOTE = join(ROOT, 'packages/resource-runtime/test/types/note');
const run = promisify(execFile);
const manifestIn = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** What a project has beside the two packages: declarations of Node's API, and esbuild, which `bundling` is for. */
const OF_THE_PROJECT = ['@types/node', 'esbuild'];
const NAMES = readdirSync(join(ROOT, 'packages'));
const EXPORTS = NAMES.flatMap((name) =>
  Object.keys(manifestIn(join(ROOT, 'packages', name)).exports).map((path) => join(name, path)),
);

/** A project with the packages, with the runtime's example types, and with the smallest of them as its own. */
const project = mkdtempSync(join(tmpdir(), 'libraries-'));
/** The files of each package. */
const contents = new Map<string, string[]>();

/** Copies what a package declares that it depends on, as far as it is here, so that npm needs no network. */
function copyDependencies(folder: string): void {
  const { dependencies, optionalDependencies } = manifestIn(folder);
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    copyPackage(name, folder);
  }
}

function copyPackage(name: string, from: string): void {
  const places = [from, ...ancestors(from)].map((folder) => join(folder, 'node_modules', name));
  const source = places.find(existsSync);
  // Optional packages for other platforms are not here.
  if (source === undefined) {
    return;
  }
  const target = join(project, source.slice(ROOT.length));
  if (!existsSync(target)) {
    const filter = (path: string) => !/node_modules|\/ts3\.4$|\.map$/.test(path.slice(source.length));
    cpSync(source, target, { recursive: true, filter });
    copyDependencies(source);
  }
}

function ancestors(folder: string): string[] {
  return folder === ROOT ? [] : [dirname(folder), ...ancestors(dirname(folder))];
}

beforeAll(async () => {
  await run('npm', ['run', 'libraries'], { cwd: ROOT });
  writeFileSync(join(project, 'package.json'), '{ "name": "of-a-user", "private": true }');
  const tarballs: string[] = [];
  for (const name of NAMES) {
    const folder = join(ROOT, 'build/libraries', name);
    copyDependencies(folder);
    const { stdout } = await run('npm', ['pack', '--json', folder], { cwd: project });
    const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
    tarballs.push(`./${filename}`);
    const paths = files.map(({ path }) => path);
    contents.set(name, paths);
  }
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs], { cwd: project });
  // npm removes what no manifest names.
  for (const name of OF_THE_PROJECT) {
    copyPackage(name, ROOT);
  }
  const types = join(project, 'node_modules/resource-runtime/test/types');
  cpSync(types, join(project, 'types'), { recursive: true });
  cpSync(join(project, 'types/note'), project, { recursive: true });
});

afterAll(() => rmSync(project, { recursive: true }));

/** Runs a module of the user's with Node alone. @returns what it prints */
async function node(name: string, text: string): Promise<string> {
  writeFileSync(join(project, name), text);
  const { stdout } = await run(process.execPath, [name], { cwd: project });
  return stdout.trim();
}

const readmeOf = (name: string) => readFileSync(join(project, 'node_modules', name, 'README.md'), 'utf8');

/** Runs the program in JavaScript that a package's README shows. */
async function programOf(name: string): Promise<void> {
  await node('program.mjs', /```js\n(.*?)```/s.exec(readmeOf(name))?.[1] ?? '');
}

test('the packages contain JavaScript, declarations, what runs as it is, and no tests but of the types to start from', () => {
  for (const files of contents.values()) {
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'src/index.js']));
    const others = files.filter((file) => !file.startsWith('test/types/'));
    expect(others.filter((file) => /^test\/|(?<!\.d)\.ts$/.test(file))).toEqual([]);
  }
  expect(contents.get('local-account')).toEqual(
    expect.arrayContaining(['runtime.mjs', 'virtual-clock.mjs'].map((name) => `src/services/lambda/${name}`)),
  );
});

test('all that the READMEs link to is in the packages', () => {
  const links = NAMES.flatMap((name) =>
    [...readmeOf(name).matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, target = '']) => join(name, target)),
  );
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((path) => !existsSync(join(project, 'node_modules', path)))).toEqual([]);
});

test('the runtime depends on ranges, so that a project with other versions of the SDK has one copy of what they share', () => {
  const { dependencies } = manifestIn(join(project, 'node_modules/resource-runtime'));
  expect(Object.values(dependencies).filter((range) => !/^\^\d/.test(String(range)))).toEqual([]);
});

test('the packages are not published by mistake, and need no command of this repository', () => {
  for (const name of contents.keys()) {
    const { private: isPrivate, scripts, devDependencies } = manifestIn(join(project, 'node_modules', name));
    expect({ isPrivate, scripts, devDependencies }).toEqual({ isPrivate: true });
  }
});

test('Node imports and requires each export, with the same names', async () => {
  const list = (load: string) => `
    for (const name of ${JSON.stringify(EXPORTS)}) {
      const isNamed = (it) => !['__esModule', 'default', 'module.exports'].includes(it);
      console.log(name, Object.keys(${load}(name)).filter(isNamed).sort().join());
    }`;
  const imported = await node('imports.mjs', list('await import'));
  expect(await node('requires.cjs', list('require'))).toBe(imported);
  expect(imported.split('\n').map((line) => line.split(' ')[0])).toEqual(EXPORTS);
  expect(imported).toMatch(/^resource-runtime .*\bcreateEntrypoint,/m);
  expect(imported).toMatch(/^local-account .*\bLocalAccount,/m);
});

test.each(Object.entries({ NodeNext: 'NodeNext', ESNext: 'Bundler' }))(
  'a project with the module system %s compiles against the declarations',
  async (module, moduleResolution) => {
    writeFileSync(
      join(project, 'user.ts'),
      `import { type Fault, LocalAccount, VirtualClock } from 'local-account';
import { registerNote } from 'local-account/testing';
import { type ProgressEvent, success } from 'resource-runtime';
import { noDefaultCredentials } from 'resource-runtime/bundling';
import { type OperationResult, runOperation } from 'resource-runtime/testing';

export const event: ProgressEvent = success({ Id: '7' });
export const name: string = noDefaultCredentials.name;
export const start = async (): Promise<LocalAccount> => LocalAccount.start({ clock: new VirtualClock() });
export const register = async (): Promise<string> => registerNote(await start());
export type Used = [Fault, OperationResult, typeof runOperation];
// @ts-expect-error: the declarations are there, so a wrong option is noticed.
void LocalAccount.start({ clock: 7 });
// @ts-expect-error: the same.
void noDefaultCredentials.setup(7);
`,
    );
    const checks = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--resolveJsonModule'];
    const modules = ['--module', module, '--moduleResolution', moduleResolution];
    const options = ['--target', 'ES2022', '--types', 'node', ...checks, ...modules];
    const types = ['note', 'item'].map((name) => `types/${name}/src/handlers.ts`);
    const files = ['user.ts', ...types, 'types/inventory-server.ts'];
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const compiled = await outcomeOf(process.execPath, [compiler, ...options, ...files], { cwd: project });
    expect(compiled).toMatchObject({ code: 0, stdout: '' });
  },
);

test('the program in the README bundles a resource type, as small as from the source, which runs', async () => {
  await programOf('resource-runtime');
  const { outputFiles } = await build({
    entryPoints: [join(NOTE, 'src/handlers.ts')],
    platform: 'node',
    format: 'cjs',
    bundle: true,
    minify: true,
    mainFields: ['module', 'main'],
    write: false,
  });
  const bundle = 'build/TypeFunction/dist/handlers.js';
  const { size } = statSync(join(project, bundle));
  expect(size / (outputFiles[0]?.contents.length ?? 0)).toBeCloseTo(1, 1);
  const printed = await node(
    'operation.mjs',
    `import { runOperation } from 'resource-runtime/testing';
    import handlers from './${bundle}';
    const { final } = await runOperation(handlers.entrypoint, 'CREATE', { properties: { Id: '7', Text: 'Two' } });
    console.log(JSON.stringify(final));`,
  );
  expect(JSON.parse(printed.split('\n').at(-1) ?? '')).toMatchObject({
    status: 'SUCCESS',
    resourceModel: { Id: '7', Text: 'Two' },
  });
});

test('a local account starts, runs the functions of its type and of a packaged one, answers, and ends', async () => {
  await programOf('resource-runtime');
  await programOf('local-account');
  const printed = await node(
    'account.mjs',
    `import { readFileSync } from 'node:fs';
    import { CloudControlClient, CreateResourceCommand, waitUntilResourceRequestSuccess } from '@aws-sdk/client-cloudcontrol';
    import { CloudFormationClient, RegisterTypeCommand, waitUntilTypeRegistrationComplete } from '@aws-sdk/client-cloudformation';
    import { LocalAccount, VirtualClock } from 'local-account';
    import { NOTE, registerNote } from 'local-account/testing';
    const account = await LocalAccount.start({ clock: new VirtualClock() });
    await registerNote(account);
    const options = { region: 'eu-west-1', endpoint: account.endpoint, credentials: account.administrator() };
    const cloudFormation = new CloudFormationClient(options);
    account.buckets.put('packages', 'type.zip', readFileSync('type.zip'));
    const PACKAGED = 'Example::Memory::Note';
    const registration = { Type: 'RESOURCE', TypeName: PACKAGED, SchemaHandlerPackage: 's3://packages/type.zip' };
    const { RegistrationToken } = await cloudFormation.send(new RegisterTypeCommand(registration));
    await waitUntilTypeRegistrationComplete({ client: cloudFormation, minDelay: 1, maxWaitTime: 600 }, { RegistrationToken });
    const client = new CloudControlClient(options);
    const desired = { [NOTE]: { Name: 'milk', Text: 'One', Delay: 60 }, [PACKAGED]: { Id: '7', Text: 'Two' } };
    for (const [TypeName, properties] of Object.entries(desired)) {
      const command = new CreateResourceCommand({ TypeName, DesiredState: JSON.stringify(properties) });
      const { RequestToken } = (await client.send(command)).ProgressEvent;
      const { state, reason } = await waitUntilResourceRequestSuccess({ client, minDelay: 1, maxWaitTime: 600 }, { RequestToken });
      console.log(state, reason.ProgressEvent.Identifier);
    }
    await account.close();`,
  );
  expect(printed).toBe('SUCCESS milk\nSUCCESS 7');
});
