/** Zip archives with the same bytes, whenever and wherever they are made. */
import { unzipSync, type ZipOptions, zipSync } from 'fflate';

/** The archive within the package that contains what Lambda runs. */
const HANDLERS = 'ResourceProvider.zip';

/**
 * How each entry is stored: without compression, as `cfn submit` stores it; with the earliest time of the format, which
 * has local times; and with read permission for all, which Lambda needs.
 */
const ENTRY: ZipOptions = { level: 0, mtime: new Date(1980, 0, 1), os: 3, attrs: 0o100644 << 16 };

/**
 * Makes an archive that depends only on the names and contents of its files. Names with a final `/` are left out: entries
 * for folders, which `cfn submit` does not write.
 */
export function zipOf(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const entries = Object.entries(files)
    .filter(([name]) => !name.endsWith('/'))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, content]) => [name, [content, ENTRY]]);
  return zipSync(Object.fromEntries(entries));
}

/**
 * Writes an archive again with {@link zipOf}, and in the same way the archive of the handlers in it.
 *
 * @param archive What `cfn submit --dry-run` leaves.
 */
export function reproducible(archive: Uint8Array): Uint8Array {
  const files = unzipSync(archive);
  const handlers = files[HANDLERS];
  return zipOf(handlers ? { ...files, [HANDLERS]: reproducible(handlers) } : files);
}
