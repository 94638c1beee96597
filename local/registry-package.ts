import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Lambda quotas, "Deployment package (.zip file archive) size": zipped for direct upload, and unzipped. */
const ZIPPED_LIMIT = 50 * 1024 ** 2;
const UNZIPPED_LIMIT = 250 * 1024 ** 2;

/** Lambda developer guide, "Deprecated runtimes". */
const DEPRECATED_RUNTIME = /^nodejs(4\.3|6\.10|8\.10|10\.x|12\.x|14\.x|16\.x|18\.x|20\.x)?$/;

/** A package as `cfn submit` makes it, unpacked. */
export interface TypePackage {
  /** The schema, as sent. */
  readonly schema: string;
  /** What Lambda would run: the content of ResourceProvider.zip. */
  readonly handlerDirectory: string;
  /** `dist/handlers.entrypoint`. */
  readonly entrypoint: string;
  readonly runtime: string;
  /** Everything that was in the package, ResourceProvider.zip among it. */
  readonly directory: string;
}

/** Why a package cannot be registered. */
export class PackageRefused extends Error {
  /** @param opaque Whether AWS says no more than "Internal Failure". */
  constructor(
    message: string,
    readonly opaque: boolean,
  ) {
    super(message);
  }
}

/**
 * Unpacks a package and checks what the registry and Lambda check.
 *
 * @param directory Where to; made here.
 * @param python The Python interpreter, whose zipfile module reads the archives.
 * @throws PackageRefused
 */
export async function unpack(
  content: Buffer,
  typeName: string,
  directory: string,
  python: string,
): Promise<TypePackage> {
  await mkdir(directory, { recursive: true });
  const archive = `${directory}.zip`;
  await writeFile(archive, content);
  const names = await list(archive, python);
  for (const name of ['schema.json', 'ResourceProvider.zip', '.rpdk-config']) {
    if (!names.has(name)) throw new PackageRefused(`The package has no ${name}`, false);
  }
  await run(python, ['-m', 'zipfile', '-e', archive, directory]);
  const schema = readFileSync(join(directory, 'schema.json'), 'utf8');
  const named = readJson(schema, 'schema.json').typeName;
  if (named !== typeName) {
    throw new PackageRefused(`The schema is of ${String(named)}, not of ${typeName}`, false);
  }
  const configuration = readJson(readFileSync(join(directory, '.rpdk-config'), 'utf8'), '.rpdk-config');
  const runtime = String(configuration.runtime);
  if (DEPRECATED_RUNTIME.test(runtime)) throw new PackageRefused(`${runtime} is deprecated`, true);
  const handlers = join(directory, 'ResourceProvider.zip');
  const zipped = statSync(handlers).size;
  const unzipped = [...(await list(handlers, python)).values()].reduce((sum, size) => sum + size, 0);
  if (zipped > ZIPPED_LIMIT || unzipped > UNZIPPED_LIMIT) {
    throw new PackageRefused(`The handlers take ${zipped} bytes zipped and ${unzipped} unzipped`, true);
  }
  const handlerDirectory = join(directory, 'ResourceProvider');
  await run(python, ['-m', 'zipfile', '-e', handlers, handlerDirectory]);
  return { schema, handlerDirectory, entrypoint: String(configuration.entrypoint), runtime, directory };
}

const LIST =
  'import json, sys, zipfile; print(json.dumps([[i.filename, i.file_size] for i in zipfile.ZipFile(sys.argv[1]).infolist()]))';

/** Names and unzipped sizes of an archive's files. */
async function list(archive: string, python: string): Promise<Map<string, number>> {
  try {
    const { stdout } = await run(python, ['-c', LIST, archive]);
    return new Map(JSON.parse(stdout) as [string, number][]);
  } catch {
    throw new PackageRefused('The package is no zip archive', false);
  }
}

function readJson(text: string, name: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new PackageRefused(`${name} is no JSON`, false);
  }
}
