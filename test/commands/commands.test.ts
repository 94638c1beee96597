import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import packageJson from '../../package.json';
import { filesBelow } from '../../scripts/packaging/stage';
import { type Outcome, outcomeOf, ProjectCopy } from '../harness/project-copy';

/* The commands as processes, in a copy of the project. Other tests try the options in-process. */

/** The commands of `npm run` that are scripts of this repository. */
const COMMANDS = Object.entries(packageJson.scripts)
  .filter(([name, command]) => command === `node -r ./scripts/check-node.cjs -r tsx/cjs scripts/${name}.ts`)
  .map(([name]) => name);

const project = new ProjectCopy();
afterAll(() => project.close());

/** Every file of the copy with its content. Links are not followed. */
function contents(): Map<string, string> {
  const folders = readdirSync(project.directory, { withFileTypes: true });
  const files = folders.flatMap((entry) => {
    const path = join(project.directory, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
  return new Map(
    files.map((path) => [path.slice(project.directory.length + 1), readFileSync(path, 'latin1')]),
  );
}

test('each command runs only its script, so that nothing is built before its options are read', () => {
  const others = Object.keys(packageJson.scripts).filter((name) => !COMMANDS.includes(name));
  // These run tools, not a script of ours.
  expect(others.filter((name) => !/^(check|lint|test(:\w+)?|watch)$/.test(name))).toEqual([]);
});

describe('on a version of Node', () => {
  /** Runs shell commands in the copy, whose Node takes itself for the version, and shows nothing of npm's. */
  function runOn(version: string, command: string): Promise<Outcome> {
    const preload = join(project.directory, 'build/version.cjs');
    mkdirSync(dirname(preload), { recursive: true });
    const versions = '{ ...process.versions, node: process.env.NODE_UNDER_TEST }';
    writeFileSync(preload, `Object.defineProperty(process, 'versions', { value: ${versions} });`);
    const env = {
      ...process.env,
      PATH: `${join(project.directory, 'node_modules/.bin')}:${process.env.PATH}`,
      NODE_OPTIONS: `--require ${preload}`,
      NODE_UNDER_TEST: version,
      npm_config_loglevel: 'silent',
    };
    return outcomeOf('sh', ['-c', command], { cwd: project.directory, env });
  }

  const sentence = (version: string) =>
    `This is Node ${version}, and Node ^20.19.0 or ^22.13.0 or >=24 is needed.\n`;

  test.each(Object.entries(packageJson.scripts))(
    'that package.json does not allow, %s says so and does nothing',
    async (_, command) => {
      expect(await runOn('18.20.8', command)).toEqual({ code: 1, stdout: '', stderr: sentence('18.20.8') });
    },
  );

  test.each(['6.17.1', '20.18.9', '21.7.3', '22.12.0', '23.11.1'])('%s is refused', async (version) => {
    expect((await runOn(version, 'node scripts/check-node.cjs')).stderr).toBe(sentence(version));
  });

  test.each(['20.19.0', '20.100.0', '22.13.0', '22.13.1', '24.0.0', '25.1.2', '100.0.0'])(
    '%s is allowed',
    async (version) => {
      const silent = { code: 0, stdout: '', stderr: '' };
      expect(await runOn(version, 'node scripts/check-node.cjs')).toEqual(silent);
    },
  );
});

test('every command answers --help and refuses an unknown option, and changes nothing in either case', async () => {
  const before = contents();
  const each = async (option: string): Promise<Outcome[]> => {
    const { stdout } = await project.run('../test/harness/each-command', [option, ...COMMANDS]);
    return JSON.parse(stdout);
  };
  expect(await each('--help')).toEqual(
    COMMANDS.map((name) => ({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(`^Usage: npm run ${name}\\b`),
    })),
  );
  expect(await each('--wrong=1')).toEqual(
    COMMANDS.map((name) => ({
      // To the doctor, 1 means that there is something to do.
      code: name === 'doctor' ? 2 : 1,
      stdout: '',
      stderr: `npm run ${name} has no option --wrong. See npm run ${name} -- --help.\n`,
    })),
  );
  expect(contents()).toEqual(before);
});

test('build refuses any function except TypeFunction', async () => {
  const { code, stdout, stderr } = await project.run('build', ['OtherFunction']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe('There is no function "OtherFunction", only TypeFunction.\n');
});

test('build leaves the package as it was where the source cannot be bundled, and shows no stack trace', async () => {
  const silent = { code: 0, stdout: '', stderr: '' };
  expect(await project.run('build', ['--use-container', 'TypeFunction'])).toEqual(silent);
  const built = join(project.directory, 'build/TypeFunction/dist/handlers.js');
  const source = join(project.directory, 'src/errors/resource-errors.ts');
  const [before, text] = [readFileSync(built, 'utf8'), readFileSync(source, 'utf8')];
  writeFileSync(source, `${text}\nconst broken = ;\n`);
  const { code, stderr } = await project.run('build');
  writeFileSync(source, text);
  expect(code).toBe(1);
  expect(stderr).toContain('src/errors/resource-errors.ts');
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(readFileSync(built, 'utf8')).toBe(before);
});

test('contract --real without roles names the commands that make them, and stages and builds nothing', async () => {
  const before = contents();
  const env = { ...process.env, AWS_REGION: 'us-east-1' };
  const { code, stdout, stderr } = await project.run('contract', ['--real', '--namespace', 'Acme'], env);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('--template-file build/contract-roles.yml --stack-name role-trunking-contract');
  expect(stderr).toContain(
    'npm run contract -- --namespace Acme --real --region us-east-1 \\\n    --role-arn',
  );
  const after = contents();
  expect(after.get('build/contract-roles.yml')).toContain('type/resource/Acme-Ecs-RoleTrunking');
  after.delete('build/contract-roles.yml');
  expect(after).toEqual(before);
});

describe('generate', () => {
  /** A developer's own changes, in generated folders and elsewhere. */
  const EDITS = {
    'docs/design.md': '# Rewritten, and not committed yet\n',
    'docs/new-page.md': '# A page of my own\n',
    'docs/pictures/trunk.svg': '<svg/>\n',
    'src/handlers.ts': '// under way\n',
    'resource-role.yaml': '# of my own\n',
    'build/note.txt': 'kept\n',
  };

  beforeAll(() => {
    for (const [path, text] of Object.entries(EDITS)) {
      const file = join(project.directory, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  });
  afterEach(() => restore('custom-ecs-roletrunking.json', 'src/models.ts', 'docs/README.md'));
  afterAll(() => restore('docs/design.md', 'src/handlers.ts'));

  /** Copies files of the project again. */
  function restore(...paths: string[]): void {
    for (const path of paths) {
      cpSync(join(__dirname, '../..', path), join(project.directory, path));
    }
  }

  interface Schema {
    properties: Record<string, object>;
  }
  const editSchema = (edit: (schema: Schema) => void) => {
    const path = join(project.directory, 'custom-ecs-roletrunking.json');
    const schema = JSON.parse(readFileSync(path, 'utf8')) as Schema;
    edit(schema);
    writeFileSync(path, JSON.stringify(schema));
  };

  test('changes nothing in this repository, whose generated files are up to date', async () => {
    const before = contents();
    const { code, stdout } = await project.run('generate');
    expect(code).toBe(0);
    expect(stdout).toContain('src/models.ts: up to date\ndocs/README.md: up to date\n');
    expect(contents()).toEqual(before);
  });

  test('after a change of the schema, changes only the generated files', async () => {
    editSchema((schema) => {
      schema.properties.Note = { type: 'string', description: 'What it is for.' };
    });
    const before = contents();
    const { code, stdout } = await project.run('generate');
    expect(code).toBe(0);
    expect(stdout).toContain('src/models.ts: written\ndocs/README.md: written\n');
    const after = contents();
    const changed = [...after].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
    expect(changed.sort()).toEqual(['docs/README.md', 'src/models.ts']);
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    expect(after.get('src/models.ts')).toContain('note?: Optional<string>');
    expect(after.get('docs/README.md')).toContain('What it is for.');
  });

  test('changes nothing where the schema is refused, and shows no stack trace', async () => {
    editSchema((schema) => {
      schema.properties.Note = { type: 'text' };
    });
    const before = contents();
    const { code, stderr } = await project.run('generate');
    expect(code).toBe(1);
    expect(stderr).toContain('cfn generate failed, see above. No file was changed.');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(contents()).toEqual(before);
  });
});
