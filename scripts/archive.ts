/** Zip archives that are the same, byte for byte, whenever and wherever they are made. */
import { type Unzipped, unzipSync, type ZipOptions, zipSync } from 'fflate';

/** Where `cfn submit` puts what Lambda runs, an archive itself. */
const HANDLERS = 'ResourceProvider.zip';

/**
 * What each entry is stored with: no compression, as `cfn submit` does; the earliest time that the format has, in
 * local time as the format has it; and read permission for all, which Lambda needs.
 */
const ENTRY: ZipOptions = { level: 0, mtime: new Date(1980, 0, 1), os: 3, attrs: 0o100644 << 16 };

/**
 * The same files in an archive that depends on their names and contents only: sorted by name, with fixed times and
 * permissions. The archive of the handlers within is treated alike.
 *
 * @param archive What `cfn submit --dry-run` leaves.
 */
export function reproducible(archive: Uint8Array): Uint8Array {
  return zipSync(
    Object.fromEntries(
      sortedFiles(unzipSync(archive)).map(([name, content]) => [
        name,
        [name === HANDLERS ? reproducible(content) : content, ENTRY],
      ]),
    ),
  );
}

/** Without entries for folders, which `cfn submit` does not write. */
function sortedFiles(files: Unzipped): [string, Uint8Array][] {
  return Object.entries(files)
    .filter(([name]) => !name.endsWith('/'))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}
