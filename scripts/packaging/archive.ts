/** Zip archives with the same bytes, whenever and wherever they are made. */
import { type Unzipped, unzipSync, type ZipOptions, zipSync } from 'fflate';

/** The archive within the package that contains what Lambda runs. */
const HANDLERS = 'ResourceProvider.zip';

/**
 * How each entry is stored: without compression, as `cfn submit` stores it; with the earliest time of the format, which
 * has local times; and with read permission for all, which Lambda needs.
 */
const ENTRY: ZipOptions = { level: 0, mtime: new Date(1980, 0, 1), os: 3, attrs: 0o100644 << 16 };

/**
 * Writes an archive again so that it depends only on the names and contents of its files: sorted by name, with fixed
 * times and permissions. The archive of the handlers in it is written again in the same way.
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

/** The files, without entries for folders, which `cfn submit` does not write. */
function sortedFiles(files: Unzipped): [string, Uint8Array][] {
  return Object.entries(files)
    .filter(([name]) => !name.endsWith('/'))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}
