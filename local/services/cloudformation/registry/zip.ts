import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** A file of an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Unzipped, in bytes, as the archive's directory says. */
  readonly size: number;
  /** The content, unzipped. */
  read(): Buffer;
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_LENGTH = 22;
const DEFLATED = 8;

/**
 * The files of a ZIP archive (PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16), without ZIP64 and encryption.
 *
 * @throws Error for what is not such an archive.
 */
export function readZip(archive: Buffer): ZipEntry[] {
  const end = archive.lastIndexOf(Buffer.from('504b0506', 'hex'));
  if (end < 0 || archive.length < end + END_LENGTH || archive.readUInt32LE(end) !== END_OF_DIRECTORY) {
    throw new Error('not a ZIP archive');
  }
  const entries: ZipEntry[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (archive.readUInt32LE(at) !== DIRECTORY_ENTRY) {
      throw new Error('a broken ZIP directory');
    }
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      archive.readUInt16LE(at + offset),
    );
    const [method, start] = [archive.readUInt16LE(at + 10), archive.readUInt32LE(at + 42)];
    const [zipped, size] = [archive.readUInt32LE(at + 20), archive.readUInt32LE(at + 24)];
    const name = archive.toString('utf8', at + 46, at + 46 + (nameLength ?? 0));
    const read = () => {
      const content = start + 30 + archive.readUInt16LE(start + 26) + archive.readUInt16LE(start + 28);
      const bytes = archive.subarray(content, content + zipped);
      return method === DEFLATED ? inflateRawSync(bytes) : bytes;
    };
    entries.push({ name, size, read });
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
  return entries;
}

/** Writes an archive's files below a folder. @throws Error for a name that leads out of it. */
export async function extract(entries: readonly ZipEntry[], directory: string): Promise<void> {
  for (const { name, read } of entries.filter((entry) => !entry.name.endsWith('/'))) {
    const path = join(directory, name);
    if (relative(directory, path).startsWith('..')) {
      throw new Error(`${name} leads out of the archive`);
    }
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, read());
  }
}
