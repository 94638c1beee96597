/** What a release consists of. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { zipOf } from './archive';
import { billOfMaterials } from './sbom';
import { SINGLE_FILE, singleFile } from './single-file';
import { filesBelow, type Staging } from './stage';
import { thirdPartyNotices } from './third-party-notices';

/**
 * Writes the folder `release` of a staged copy: all that somebody needs who does not clone this repository. The same
 * source and options give the same bytes.
 *
 * - the package, and its bill of materials
 * - the examples with the type's name and the pages, as one archive
 * - {@link SINGLE_FILE}: the commands for users, in one file
 * - the licenses, and `SHA256SUMS`, for `sha256sum --check`
 *
 * @param project The project's folder.
 * @param digest The SHA-256 of the package, in hexadecimal digits.
 * @throws CommandError where something cannot be bundled.
 */
export async function writeRelease(project: string, staging: Staging, digest: string): Promise<void> {
  const { directory, hyphenatedName: name } = staging;
  const files: Record<string, string | Uint8Array> = {
    [`${name}.cdx.json`]: await billOfMaterials(project, name, digest),
    [`${name}.zip`]: readFileSync(join(directory, `${name}.zip`)),
    // The reference in `docs/` has the type's name, too.
    [`${name}-examples.zip`]: zipOf({
      ...filesIn(project, PAGES),
      ...filesIn(directory, ['docs', 'examples']),
    }),
    [SINGLE_FILE]: await singleFile(project),
    LICENSE: readFileSync(join(project, 'LICENSE')),
    'THIRD-PARTY-NOTICES': await thirdPartyNotices(project),
  };
  const folder = join(directory, 'release');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const sums = Object.entries(files).map(([file, content]) => {
    writeFileSync(join(folder, file), content);
    return `${createHash('sha256').update(content).digest('hex')}  ${file}\n`;
  });
  writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''));
}

/** What the commands and the examples name. */
const PAGES = ['CHANGELOG.md', 'README.md', 'SECURITY.md', 'docs'];

/** Files, and the files in folders, by their names in the archive, such as `examples/register.yml`. */
function filesIn(directory: string, names: readonly string[]): Record<string, Uint8Array> {
  return Object.fromEntries(
    names
      .map((name) => join(directory, name))
      .flatMap((path) => (statSync(path).isDirectory() ? filesBelow(path) : [path]))
      .map((path) => [relative(directory, path), readFileSync(path)]),
  );
}
