import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import type { TypeSchema } from '../handlers/schema';

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
  const files = read(() => unzipSync(content), 'The package is not a ZIP archive');
  const file = (name: string): Uint8Array => {
    if (files[name]) {
      return files[name];
    }
    throw new PackageRefused(`The package has no ${name}`, false);
  };
  const [schemaText, handlers] = [strFromU8(file('schema.json')), file('ResourceProvider.zip')];
  const settings = strFromU8(file('.rpdk-config'));
  const { runtime, entrypoint } = read(
    () => JSON.parse(settings),
    '.rpdk-config is not JSON',
  ) as PackageSettings;
  const schema = read(() => JSON.parse(schemaText), 'schema.json is not JSON') as TypeSchema;
  if (schema.typeName !== typeName) {
    throw new PackageRefused(`The schema is of ${String(schema.typeName)}, not of ${typeName}`, false);
  }
  if (DEPRECATED_RUNTIME.test(runtime)) {
    throw new PackageRefused(`${runtime} is deprecated`, true);
  }
  let unzipped = 0;
  const measure = ({ originalSize }: { originalSize: number }) => {
    unzipped += originalSize;
    return false;
  };
  read(() => unzipSync(handlers, { filter: measure }), 'ResourceProvider.zip is not a ZIP archive');
  if (handlers.length > ZIPPED_LIMIT || unzipped > UNZIPPED_LIMIT) {
    throw new PackageRefused(
      `The handlers take ${handlers.length} bytes zipped and ${unzipped} unzipped`,
      true,
    );
  }
  for (const [name, bytes] of Object.entries(unzipSync(handlers)).filter(([path]) => !path.endsWith('/'))) {
    const path = join(directory, join('/', name));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  return { schemaText, schema, handlerDirectory: directory, entrypoint, runtime };
}

/** What of `.rpdk-config` the registry reads. */
interface PackageSettings {
  readonly runtime: string;
  readonly entrypoint: string;
}

function read<T>(act: () => T, otherwise: string): T {
  try {
    return act();
  } catch {
    throw new PackageRefused(otherwise, false);
  }
}
