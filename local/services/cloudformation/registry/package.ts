import { mkdir } from 'node:fs/promises';
import type { TypeSchema } from '../handlers/schema';
import { extract, readZip, type ZipEntry } from './zip';

/** Lambda quotas, "Deployment package (.zip file archive) size": zipped for direct upload, and unzipped. */
const ZIPPED_LIMIT = 50 * 1024 ** 2;
const UNZIPPED_LIMIT = 250 * 1024 ** 2;

/** Lambda developer guide, "Deprecated runtimes". */
const DEPRECATED_RUNTIME = /^nodejs(4\.3|6\.10|8\.10|10\.x|12\.x|14\.x|16\.x|18\.x|20\.x)?$/;

/** A package as `cfn submit` makes it, with its handlers unpacked. */
export interface TypePackage {
  /** The schema, as sent. */
  readonly schemaText: string;
  readonly schema: TypeSchema;
  /** What Lambda would run: the content of ResourceProvider.zip. */
  readonly handlerDirectory: string;
  /** `dist/handlers.entrypoint`. */
  readonly entrypoint: string;
  readonly runtime: string;
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
 * Checks a package as the registry and Lambda check it, and unpacks its handlers.
 *
 * @param directory Where the handlers are unpacked to; made here.
 * @throws PackageRefused
 */
export async function unpack(content: Buffer, typeName: string, directory: string): Promise<TypePackage> {
  const files = new Map(entriesOf(content).map((entry) => [entry.name, entry]));
  const file = (name: string): Buffer => {
    const entry = files.get(name);
    if (entry) {
      return entry.read();
    }
    throw new PackageRefused(`The package has no ${name}`, false);
  };
  const [schemaText, handlers] = [file('schema.json').toString('utf8'), file('ResourceProvider.zip')];
  const settings = readJson(file('.rpdk-config').toString('utf8'), '.rpdk-config');
  const schema = readJson(schemaText, 'schema.json') as unknown as TypeSchema;
  if (schema.typeName !== typeName) {
    throw new PackageRefused(`The schema is of ${String(schema.typeName)}, not of ${typeName}`, false);
  }
  const runtime = String(settings.runtime);
  if (DEPRECATED_RUNTIME.test(runtime)) {
    throw new PackageRefused(`${runtime} is deprecated`, true);
  }
  const entries = entriesOf(handlers);
  const unzipped = entries.reduce((sum, { size }) => sum + size, 0);
  if (handlers.length > ZIPPED_LIMIT || unzipped > UNZIPPED_LIMIT) {
    throw new PackageRefused(
      `The handlers take ${handlers.length} bytes zipped and ${unzipped} unzipped`,
      true,
    );
  }
  await mkdir(directory, { recursive: true });
  await extract(entries, directory);
  return {
    schemaText,
    schema,
    handlerDirectory: directory,
    entrypoint: String(settings.entrypoint),
    runtime,
  };
}

function entriesOf(archive: Buffer): ZipEntry[] {
  try {
    return readZip(archive);
  } catch {
    throw new PackageRefused('The package is not a ZIP archive', false);
  }
}

function readJson(text: string, name: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new PackageRefused(`${name} is not JSON`, false);
  }
}
