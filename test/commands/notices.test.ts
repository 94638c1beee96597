import { join } from 'node:path';
import { bundled } from '../../scripts/packaging/bundle';
import { thirdPartyNotices } from '../../scripts/packaging/third-party-notices';
import { ROOT, textOf } from '../harness/project-files';

/* THIRD-PARTY-NOTICES, compared with what esbuild reports that it bundles. */

const notices = textOf('THIRD-PARTY-NOTICES');

/** The sections by their first line, such as `class-transformer 0.5.1`. */
const sections = new Map(
  notices
    .split(/\n(?=\S+ \d+\.\d+\.\d+\nLicense: )/)
    .slice(1)
    .map((text) => [text.split('\n')[0] ?? '', text]),
);

test('it has a section for each package whose code esbuild bundles, and for no other', async () => {
  const { metafile } = await bundled(ROOT);
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const packages = files.flatMap((file) => {
    const [own, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
    return own === undefined ? [] : [`${name} ${JSON.parse(textOf(join(own, 'package.json'))).version}`];
  });
  expect(new Set(packages).size).toBeGreaterThan(5);
  expect([...sections.keys()].sort()).toEqual([...new Set(packages)].sort());
});

test('every license that is not the Apache License is there in full, with the copyright holder', () => {
  const others = [...sections.values()].filter((text) => !/^License: Apache/m.test(text));
  expect(others.length).toBeGreaterThan(0);
  for (const text of others) {
    expect(text).toMatch(/^License: MIT\nCopyright \(c\) \d{4}/m);
    expect(text).toContain('THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND');
  }
});

test('the Apache License is there in full, unless it is the one in LICENSE, word for word', () => {
  const words = (text: string) => text.split('END OF TERMS')[0]?.split(/\s+/).filter(Boolean).join(' ');
  const own = words(textOf('LICENSE'));
  const missing = [...sections].filter(([title, text]) => {
    const license = textOf(join('node_modules', title.split(' ')[0] ?? '', 'LICENSE'));
    const isInFull = text.includes('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION');
    return /^License: Apache/m.test(text) && !isInFull && words(license) !== own;
  });
  expect(missing).toEqual([]);
});

test('it is what npm run notices writes, and the package contains it', async () => {
  expect(await thirdPartyNotices(ROOT)).toBe(notices);
  expect(textOf('build/TypeFunction/THIRD-PARTY-NOTICES')).toBe(notices);
});

test('no package with the AGPL is bundled, and those that build and test the project are named', () => {
  const { packages } = JSON.parse(textOf('package-lock.json')) as {
    packages: Record<string, { license?: string; dev?: boolean }>;
  };
  const found = Object.entries(packages).filter(([, { license = '' }]) => license.includes('AGPL'));
  expect(found.length).toBeGreaterThan(0);
  const names = found.map(([path]) => path.replace(/^.*node_modules\//, ''));
  expect(names.filter((name) => [...sections.keys()].some((title) => title.startsWith(`${name} `)))).toEqual(
    [],
  );
  for (const page of ['CONTRIBUTING.md', 'THIRD-PARTY-NOTICES']) {
    const text = textOf(page);
    expect([page, ...names.filter((name) => !text.includes(name))]).toEqual([page]);
  }
});
