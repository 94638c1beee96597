import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import packageJson from '../../package.json';
import { ACCEPTANCE } from '../../scripts/acceptance/options';
import { readCommandLine } from '../../scripts/command-line/options';
import { CONTRACT } from '../../scripts/contract/options';
import { DOCTOR } from '../../scripts/doctor/options';
import { OPT_IN } from '../../scripts/opt-in/options';
import { PACKAGE } from '../../scripts/packaging/package-options';
import { filesBelow } from '../../scripts/packaging/stage';
import { SUBMIT } from '../../scripts/packaging/submission';
import { nameUnder } from '../../scripts/packaging/type-name';
import { ROOT, textOf } from '../harness/project-files';
import { commandsOf, PAGES as WITH_COMMANDS, wrongIn } from './commands';

/* That the commands, scripts and files in the pages exist. Other tests run the commands. */

const PAGES = [
  ...WITH_COMMANDS,
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}/README.md`),
];

/** The commands that pages show with options, and how each reads them. */
const readers = {
  acceptance: (args: string[]) => readCommandLine(ACCEPTANCE, args),
  contract: (args: string[]) => readCommandLine(CONTRACT, args),
  doctor: (args: string[]) => readCommandLine(DOCTOR, args),
  'opt-in': (args: string[]) => readCommandLine(OPT_IN, args),
  package: (args: string[]) => readCommandLine(PACKAGE, args),
  submit: (args: string[]) => readCommandLine(SUBMIT, args),
};

const commands = PAGES.flatMap(commandsOf).map(({ line }) => line);

test('every script that a page runs is in package.json', () => {
  const scripts = PAGES.flatMap((page) =>
    [...textOf(page).matchAll(/npm run ([\w:]+(?:-\w+)*)/g)].map(([, name = '']) => name),
  );
  expect(scripts.length).toBeGreaterThan(5);
  expect(scripts.filter((name) => !(name in packageJson.scripts))).toEqual([]);
});

test('every command accepts its command lines in the pages, and the pages use the names that submit uses', () => {
  const lines = commands
    .map((command) => command.replace(/^node ecs-role-trunking\.mjs (\S+)/, 'npm run $1 --'))
    .filter((command) => /^npm run (acceptance|submit|contract|doctor|package|opt-in) --/.test(command));
  expect(lines.length).toBeGreaterThan(3);
  const misread = lines.filter((line) => {
    const [, , name, , ...args] = line
      .replace(/\b[A-Z_]+_ARN\b/g, 'arn:aws:iam::111122223333:role/x')
      .split(/\s+/);
    const read = readers[name as keyof typeof readers](args);
    // Whether a namespace can be used depends on what is staged on this machine.
    return read.kind === 'refused' && !/^--namespace .* differs only by case/.test(read.message);
  });
  expect(misread).toEqual([]);
  const { relative, rolesStack } = nameUnder('Acme');
  expect(textOf('docs/rolling-out.md')).toContain(
    `--template-file ${relative}/examples/roles.yml --stack-name ${rolesStack}`,
  );
});

test('every AWS command of a page exists in the AWS CLI, with its options', () => {
  const awsCommands = commands.filter((command) => command.startsWith('aws '));
  expect(awsCommands.length).toBeGreaterThan(10);
  expect(wrongIn(awsCommands)).toBe('');
});

test('the check of AWS commands finds wrong commands, options and values', () => {
  const found = wrongIn([
    'aws ecs list-attribute --cluster x',
    'aws ecs list-attributes --clusters x',
    'aws ecs list-attributes --target-type instance',
    'aws cloudformation create-stack-set --auto-deployment Enable=true',
    'aws autoscaling start-instance-refresh --preferences \'{"Checkpoints":[10]}\'',
  ]);
  expect(found.trim().split('\n')).toHaveLength(5);
});

test('every other command is a known program', () => {
  const known = /^(aws|cfn-lint|cp|gh|mkdir|node|npm|npx|python3|sed|sha256sum|unzip|FC_SEED=\d+ npm) /;
  expect(commands.filter((command) => !known.test(command))).toEqual([]);
});

test('the README says what all commands need and which words to replace, and no other page repeats it', () => {
  const saying = PAGES.filter((page) =>
    /Replace `Acme`|need the AWS CLI/.test(textOf(page).replace(/\s+/g, ' ')),
  );
  expect(saying).toEqual(['README.md']);
});

test('no page links to a template that contains the reserved type name, which cannot be deployed', () => {
  const pages = PAGES.filter((page) => !/CONTRIBUTING|design|CHANGELOG/.test(page));
  const links = pages.flatMap((page) => [...textOf(page).matchAll(/\]\(([^)]*examples\/[^)]*\.yml)/g)]);
  expect(links.map(([, target]) => target)).toEqual([]);
});

test.each(PAGES)('every file that %s links to exists', (page) => {
  const links = [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(
    ([, target = '']) => target,
  );
  expect(links.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
});

test('every section that a page links to exists', () => {
  const links = PAGES.flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)#:]*)#([^)]+)\)/g)].map(([, target = '', anchor = '']) => ({
      page,
      target: target ? join(dirname(page), target) : page,
      anchor,
    })),
  );
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter(({ target, anchor }) => !anchorsOf(target).includes(anchor))).toEqual([]);
});

/** As GitHub makes them: in lower case, without punctuation except - and _, and with a hyphen for each space. */
function anchorsOf(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('files and folders', () => {
  /** Where the paths of a page can begin; defaults to what a user has. */
  const AREAS: Readonly<Record<string, readonly string[]>> = {
    'CONTRIBUTING.md': ['.'],
    'docs/design.md': ['.', 'src', 'packages/resource-runtime/src'],
    'packages/local-account/README.md': ['packages/local-account'],
    'packages/resource-runtime/README.md': ['packages/resource-runtime'],
  };
  const USERS = ['.', 'docs', 'examples'];

  /** What commands and readers make, and what is in other repositories. */
  const ELSEWHERE: ReadonlySet<string> = new Set([
    'acme-ecs-roletrunking.cdx.json',
    'build/acme/release/',
    'build/libraries/',
    'build/libraries/local-account/',
    'build/libraries/resource-runtime/',
    'build/opt-in/',
    'ecs-role-trunking.mjs',
    'examples/opt-in/merge.mjs',
    'internal/service/cloudcontrol/resource.go',
    'limits.go',
    'package-bucket-policy.json',
    'pkg/aws/vpc/limits.go',
  ]);

  interface Named {
    readonly path: string;
    /** The folder that a row of a table is about: the row's bare names are in it. */
    readonly folder: RegExp;
  }

  function pathsIn(page: string): Named[] {
    return textOf(page)
      .split('\n')
      .flatMap((line) => {
        const folder = /^\| `([\w.<>/-]+\/)` \|/.exec(line)?.[1]?.replace('<name>', '[^/]+') ?? '';
        return [
          ...line.matchAll(/`((?:[\w.-]+\/)*(?:[\w.-]+\/|[\w.-]+\.(?:go|in|json|mjs|py|ts|txt|yml)))`/g),
        ]
          .map(([, name = '']) => name.replace(/^build\/acme\/examples\//, 'examples/'))
          .map((path) => ({ path, folder: new RegExp(/\/./.test(path) ? '' : `/${folder}`) }));
      });
  }

  const isIn = (area: string, { path, folder }: Named) =>
    area === '.'
      ? existsSync(join(ROOT, path))
      : filesBelow(join(ROOT, area))
          .map((file) => file.slice(join(ROOT, area).length))
          .some(
            (file) =>
              (path.endsWith('/') ? file.includes(`/${path}`) : file.endsWith(`/${path}`)) &&
              folder.test(file),
          );

  test.each(PAGES)('all that %s names exist', (page) => {
    const areas = AREAS[page] ?? USERS;
    const missing = pathsIn(page).filter(
      (named) => !ELSEWHERE.has(named.path) && !areas.some((area) => isIn(area, named)),
    );
    expect(missing.map(({ path }) => path)).toEqual([]);
  });

  test('the pages name many, and a wrong one is found', () => {
    expect(PAGES.flatMap(pathsIn).length).toBeGreaterThan(100);
    expect(isIn('packages/resource-runtime/src', { path: 'aws/', folder: /^/ })).toBe(false);
    expect(isIn('src', { path: 'listing.ts', folder: /\/role\// })).toBe(false);
  });

  test('the picture in docs/design.md shows modules that exist, and its tables have all there are', () => {
    const page = textOf('docs/design.md');
    const shown = [...page.matchAll(/\["(runtime: )?([\w/-]+)<br>/g)].map(([, runtime, module]) =>
      join(ROOT, runtime ? 'packages/resource-runtime/src' : 'src', `${module}.ts`),
    );
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.filter((file) => !existsSync(file))).toEqual([]);
    const modules = filesBelow(join(ROOT, 'src')).map((file) => file.slice(join(ROOT, 'src/').length));
    const folders = readdirSync(join(ROOT, 'packages/resource-runtime/src'), { withFileTypes: true }).map(
      (entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name),
    );
    expect([...modules, ...folders].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
