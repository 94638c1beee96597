import { HandlerError } from '../src/errors/handler-error';
import { listed, success } from '../src/protocol/progress';
import type { ResourceType } from '../src/resource-type';

interface Identifier {
  readonly id: unknown;
}

interface Note extends Identifier {
  readonly text: unknown;
}

export type NoteType = ResourceType<Identifier, Note, Partial<Identifier>>;

/** A resource type whose operations always succeed. A test can replace its functions. */
export function noteType(
  operations: Partial<NoteType['operations']> = {},
  more: Partial<NoteType> = {},
): NoteType {
  return {
    typeName: 'Example::Memory::Note',
    parse: {
      desired: (properties) => ({ id: properties.get('Id'), text: properties.get('Text') }),
      identifier: (properties) => {
        if (!properties.has('Id')) {
          throw new HandlerError('InvalidRequest', 'Id is missing.');
        }
        return { id: properties.get('Id') };
      },
      filter: (properties) => (properties.has('Id') ? { id: properties.get('Id') } : {}),
    },
    operations: {
      create: async (note) => success(toModel(note)),
      read: async (note) => success(toModel(note)),
      update: async (note) => success(toModel(note)),
      delete: async () => success(),
      list: async (_, { nextToken }) => listed([], nextToken),
      ...operations,
    },
    toModel,
    subjectOf: ({ id }: Partial<Identifier>) => (id === undefined ? {} : { noteId: String(id) }),
    ...more,
  };
}

function toModel({ id, text }: Identifier & Partial<Note>) {
  return { Id: id, ...(text !== undefined && { Text: text }) };
}

/** The execution role's, in a request. */
export const CALLER_CREDENTIALS = {
  accessKeyId: 'ASIAEXAMPLECALLER000',
  secretAccessKey: 'secret-of-the-caller',
  sessionToken: 'token-of-the-caller',
};

/** A request; by default, for the note 7. */
export function requestFor(action: string, more: object = {}, data: object = {}) {
  return {
    action,
    awsAccountId: '111122223333',
    region: 'us-east-1',
    requestData: { resourceProperties: { Id: '7' }, callerCredentials: CALLER_CREDENTIALS, ...data },
    ...more,
  };
}
