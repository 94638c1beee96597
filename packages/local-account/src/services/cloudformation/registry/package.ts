import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { attempt, found } from '../../../gateway/errors';
import type { TypeSchema } from '../handlers/schema';
import { refused } from './refusals';

/** Lambda quotas, "Deployment package (.zip file archive) size": zipped for direct upload, and unzipped. */
const ZIPPED_LIMIT = 50 * 1024 ** 2;
const UNZIPPED_LIMIT = 250 * 1024 ** 2;

/** The runtimes for Node.js that are not deprecated (Lambda developer guide, "Lambda runtimes"). */
const RUNTIMES = ['nodejs22.x', 'nodejs24.x'];

/**
 * Checks a package of `cfn submit` as the registry and Lambda do, and unpacks its handlers.
 *
 * @param directory The folder for the handlers; created here.
 * @returns The schema, and the handler such as `dist/handlers.entrypoint`.
 * @throws ApiError CFNRegistryException for what the registry refuses, and Error for what Lambda refuses.
 */
export async function unpack(
  content: Uint8Array,
  typeName: string,
  directory: string,
): Promise<{ schema: TypeSchema; entrypoint: string }> {
  const files = read(() => unzipSync(content), 'The package is not a ZIP archive');
  const file = (name: string) => found(files[name], refused(`The package has no ${name}`));
  const json = (name: string): unknown => {
    const text = strFromU8(file(name));
    return read(() => JSON.parse(text), `${name} is not JSON`);
  };
  const schema = json('schema.json') as TypeSchema;
  const { runtime, entrypoint } = json('.rpdk-config') as { runtime: string; entrypoint: string };
  const handlers = file('ResourceProvider.zip');
  if (schema.typeName !== typeName) {
    throw refused(`The schema's type name is ${schema.typeName}, not ${typeName}`);
  }
  if (!RUNTIMES.includes(runtime)) {
    throw new Error(`Lambda creates no functions with the runtime ${runtime}`);
  }
  let size = 0;
  const filter = ({ name, originalSize }: { name: string; originalSize: number }) => {
    size += originalSize;
    return size <= UNZIPPED_LIMIT && !name.endsWith('/');
  };
  const unzipped = read(() => unzipSync(handlers, { filter }), 'ResourceProvider.zip is not a ZIP archive');
  if (handlers.length > ZIPPED_LIMIT || size > UNZIPPED_LIMIT) {
    throw new Error(`The handlers take ${handlers.length} bytes zipped and ${size} unzipped`);
  }
  for (const [name, bytes] of Object.entries(unzipped)) {
    const path = join(directory, join('/', name));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  return { schema, entrypoint };
}

function read<T>(act: () => T, otherwise: string): T {
  return attempt(act, () => refused(otherwise));
}
