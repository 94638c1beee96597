import { zipSync } from 'fflate';
import type { LocalAccount } from '../account';

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
  required: ['Name'],
  primaryIdentifier: ['/properties/Name'],
  createOnlyProperties: ['/properties/Name'],
  additionalProperties: false,
  handlers: { create: {}, read: {}, update: {}, delete: {}, list: {} },
};

/** The files of the type's package. */
export const NOTE_PACKAGE: Readonly<Record<string, string | Uint8Array>> = {
  'schema.json': JSON.stringify(SCHEMA),
  '.rpdk-config': rpdkConfig('nodejs22.x'),
  'ResourceProvider.zip': zip({ 'dist/handlers.js': HANDLERS }),
};

/** What the registry reads of the CLI's configuration. */
export function rpdkConfig(runtime: string | undefined): string {
  return JSON.stringify({ runtime, entrypoint: 'dist/handlers.entrypoint' });
}

/**
 * A package of the type as `cfn submit` makes it.
 *
 * @param changes Files to add or to replace.
 */
export function notePackage(changes: Readonly<Record<string, string | Uint8Array>> = {}): Buffer {
  return zip({ ...NOTE_PACKAGE, ...changes });
}

/** Registers the type in an account without the API. @returns The version's ARN. */
export async function registerNote(
  account: LocalAccount,
  region = 'eu-west-1',
  changes: Parameters<typeof notePackage>[0] = {},
): Promise<string> {
  account.buckets.create('packages');
  account.buckets.put('packages', 'note.zip', notePackage(changes));
  const { registry } = account.cloudFormation(region);
  const given = { TypeName: NOTE, SchemaHandlerPackage: 's3://packages/note.zip' };
  const registration = registry.register(given, notePackage(changes));
  await registration.ended;
  return registration.version?.arn ?? '';
}

/** A ZIP archive that stores its files without compression. */
export function zip(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const entries = Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]);
  return Buffer.from(zipSync(Object.fromEntries(entries), { level: 0 }));
}
