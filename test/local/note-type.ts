import { crc32 } from 'node:zlib';
import type { LocalAccount } from '../../local/account';
import { REGION } from './support';

/* A small resource type for tests: notes in the memory of the function's process. */

export const NOTE = 'Initech::Memory::Note';

/** Notes by name; `Text: fail` fails, `Delay` answers IN_PROGRESS with so many seconds first. */
const HANDLERS = `
const notes = new Map();
const failed = (errorCode, message = errorCode) => ({ status: 'FAILED', errorCode, message });
exports.entrypoint = async ({ action, callbackContext, requestData: { resourceProperties: model } }) => {
  const note = notes.get(model.Name);
  if (action === 'LIST') return { status: 'SUCCESS', resourceModels: [...notes.values()] };
  if (action === 'CREATE' && note && !callbackContext) return failed('AlreadyExists');
  if (action !== 'CREATE' && !note) return failed('NotFound', 'There is no note ' + model.Name);
  if (action === 'READ') return { status: 'SUCCESS', resourceModel: note };
  if (action === 'DELETE') {
    if (note.Text === 'stays') return failed('AccessDenied', 'This note stays');
    notes.delete(model.Name);
    return { status: 'SUCCESS' };
  }
  if (model.Delay && !callbackContext) {
    return { status: 'IN_PROGRESS', resourceModel: model, callbackContext: { waited: true }, callbackDelaySeconds: model.Delay };
  }
  if (model.Text === 'fail') return failed('InvalidRequest', 'The text is fail');
  notes.set(model.Name, model);
  return { status: 'SUCCESS', resourceModel: model };
};
`;

const SCHEMA = {
  typeName: NOTE,
  description: 'A note in memory',
  properties: { Name: { type: 'string' }, Text: { type: 'string' }, Delay: { type: 'number' } },
  primaryIdentifier: ['/properties/Name'],
  createOnlyProperties: ['/properties/Name'],
  additionalProperties: false,
  handlers: { create: {}, read: {}, update: {}, delete: {}, list: {} },
};

/** A package of the type as `cfn submit` makes it. */
export function notePackage(changes: Readonly<Record<string, string>> = {}): Buffer {
  return zip({
    'schema.json': JSON.stringify(SCHEMA),
    '.rpdk-config': JSON.stringify({ runtime: 'nodejs22.x', entrypoint: 'dist/handlers.entrypoint' }),
    'ResourceProvider.zip': zip({ 'dist/handlers.js': HANDLERS }),
    ...changes,
  });
}

/** Registers the type in an account without the API. @returns The version's ARN. */
export async function registerNote(account: LocalAccount, region = REGION): Promise<string> {
  account.buckets.create('packages');
  account.buckets.put('packages', 'note.zip', notePackage());
  const { registry } = account.cloudFormation(region);
  const given = { TypeName: NOTE, SchemaHandlerPackage: 's3://packages/note.zip' };
  const registration = registry.register(given, notePackage());
  await registration.ended;
  return registration.version?.arn ?? '';
}

/** A ZIP archive that stores its files (PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16). */
function zip(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const [local, central]: Buffer[][] = [[], []];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const [bytes, path] = [Buffer.from(content), Buffer.from(name)];
    const sizes = Buffer.alloc(16);
    sizes.writeUInt32LE(crc32(bytes), 0);
    sizes.writeUInt32LE(bytes.length, 4);
    sizes.writeUInt32LE(bytes.length, 8);
    sizes.writeUInt16LE(path.length, 12);
    const at = Buffer.alloc(14);
    at.writeUInt32LE(offset, 10);
    const header = Buffer.concat([Buffer.from('504b03040a000000000000000000', 'hex'), sizes]);
    const entry = Buffer.concat([Buffer.from('504b01020a000a000000000000000000', 'hex'), sizes, at]);
    local?.push(header, path, bytes);
    central?.push(entry, path);
    offset += header.length + path.length + bytes.length;
  }
  const directory = Buffer.concat(central ?? []);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...(local ?? []), directory, end]);
}
