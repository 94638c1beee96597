/** The licenses and copyright lines of the packages that are bundled with the handlers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { CommandError } from '../command-line/command';
import { bundled } from './bundle';

/** A package whose code is bundled. */
export interface BundledPackage {
  /** From the project's folder: `node_modules/@smithy/core`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** As the package states it, such as `MIT`. */
  readonly license: string;
  /** Its bundled files, from the project's folder. */
  readonly files: readonly string[];
}

const PACKAGE_PATH = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const LICENSE_FILE = /^(licen[cs]e|copying)(\.|$)/i;
/** Some packages have their license in the last section of the README only. */
const LICENSE_SECTION = /^(?:#+ *License|License\n-+)\s*\n([\s\S]+Permission is hereby granted[\s\S]+)/im;
const NOTICE_FILE = /^(notice|copyright)/i;

/** A line that names a copyright holder; neither the Apache License's own `Copyright [yyyy] …` nor code. */
const COPYRIGHT = /^[\s*/#!]*(Copyright (?:\([cC]\)|©|\d{4}|[A-Z])[^[{;\n]*)$/gm;

/** The packages that esbuild takes code from for the handlers, by name. @throws CommandError */
export async function bundledPackages(project: string): Promise<BundledPackage[]> {
  return packagesIn(project, (await bundled(project)).metafile);
}

/** The packages that a bundle takes code from, by name. */
function packagesIn(project: string, metafile: Metafile): BundledPackage[] {
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const paths = new Set(files.flatMap((file) => PACKAGE_PATH.exec(file)?.[0] ?? []));
  return [...paths].sort().map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(project, path, 'package.json'), 'utf8'));
    return { path, name, version, license, files: files.filter((file) => file.startsWith(`${path}/`)) };
  });
}

/**
 * The text of THIRD-PARTY-NOTICES. The Apache License is not repeated, since it is also the license of this project.
 *
 * @throws CommandError where a package has no license file.
 */
export async function thirdPartyNotices(project: string): Promise<string> {
  return noticesFor(project, 'dist/handlers.js', (await bundled(project)).metafile);
}

/**
 * As {@link thirdPartyNotices}, for another bundle.
 *
 * @param file The bundle's name.
 * @param metafile What esbuild reports that it bundles.
 */
export function noticesFor(project: string, file: string, metafile: Metafile): string {
  const sections = packagesIn(project, metafile).map((it) => sectionOf(project, it));
  return `${file} contains code of the packages below, minified. \`npm run notices\` writes this file from
what esbuild bundles. Where a package has the Apache License, Version 2.0, word for word as in the file LICENSE, it is
not repeated.

Packages that only build and test this project are not in it. Of those, @cloud-copilot/iam-policy,
@cloud-copilot/iam-simulate and @cloud-copilot/iam-utils have the GNU Affero General Public License, version 3 or later.

${sections.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

function sectionOf(project: string, { path, name, version, license, files }: BundledPackage): string {
  const names = readdirSync(join(project, path));
  const own = termsOf(readFileSync(join(project, 'LICENSE'), 'utf8'));
  const textsOf = (pattern: RegExp) =>
    names.filter((file) => pattern.test(file)).map((file) => readFileSync(join(project, path, file), 'utf8'));
  const inReadme = textsOf(/^readme/i).flatMap((text) => LICENSE_SECTION.exec(text)?.[1] ?? []);
  const inFiles = textsOf(LICENSE_FILE);
  const licenses = inFiles.length > 0 ? inFiles : inReadme;
  const notices = textsOf(NOTICE_FILE);
  // Some packages of the SDK name the Apache License in their manifest only. Its text is in LICENSE.
  if (licenses.length === 0 && license !== 'Apache-2.0') {
    throw new CommandError(
      `${path} has no license file. Find its license, and decide whether it can be bundled.`,
    );
  }
  const sources = files.map((file) => readFileSync(join(project, file), 'utf8'));
  const holders = new Set(
    [...licenses, ...notices, ...sources].flatMap((text) =>
      [...text.matchAll(COPYRIGHT)].map(([, line = '']) => line.trim()),
    ),
  );
  const texts = [...licenses.filter((text) => termsOf(text) !== own), ...notices];
  return [
    `${name} ${version}`,
    `License: ${license}`,
    ...holders,
    ...texts.map((text) => `\n${tidy(text)}`),
    '',
  ].join('\n');
}

/** The words of a license, without the Apache License's appendix, which each project fills in. */
function termsOf(text: string): string {
  const [terms = ''] = text.split('END OF TERMS AND CONDITIONS');
  return terms.trim().replace(/\s+/g, ' ');
}

/** Removes spaces and carriage returns at the end of each line. */
function tidy(text: string): string {
  return text.replace(/[ \t\r]+$/gm, '').trim();
}
