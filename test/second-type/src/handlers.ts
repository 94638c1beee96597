import {
  createEntrypoint,
  createTestEntrypoint,
  type Fields,
  HandlerError,
  InvalidRequest,
  listed,
  quote,
  type RequestScope,
  type ResourceType,
  success,
} from '../../../src/runtime';

/* A second resource type on the same runtime: notes in the memory of the handler's process. */

interface Identifier {
  readonly id: string;
}

interface Note extends Identifier {
  readonly text: string;
}

const notes = new Map<string, Note>();

const toModel = ({ id, text }: Identifier & Partial<Note>) => ({
  Id: id,
  ...(text !== undefined && { Text: text }),
});

function textOf(properties: Fields, name: string): string {
  const value = properties.get(name);
  if (typeof value !== 'string') {
    throw new InvalidRequest(`${name} must be a string; it is ${quote(value)}.`);
  }
  return value;
}

function parseNote(properties: Fields, { previousProperties }: RequestScope): Note {
  const id = textOf(properties, 'Id');
  if (id !== (previousProperties.get('Id') ?? id)) {
    throw new HandlerError('NotUpdatable', 'Id cannot be updated: the note must be replaced.');
  }
  return { id, text: textOf(properties, 'Text') };
}

function existing({ id }: Identifier): Note {
  const note = notes.get(id);
  if (!note) {
    throw new HandlerError('NotFound', `There is no note ${id}.`);
  }
  return note;
}

const noteType: ResourceType<Identifier, Note, Partial<Identifier>> = {
  typeName: 'Example::Memory::Note',
  parse: {
    desired: parseNote,
    identifier: (properties) => ({ id: textOf(properties, 'Id') }),
    filter: (properties) => (properties.has('Id') ? { id: textOf(properties, 'Id') } : {}),
  },
  operations: {
    create: async (note) => {
      if (notes.has(note.id)) {
        throw new HandlerError('AlreadyExists', `There is a note ${note.id} already.`);
      }
      notes.set(note.id, note);
      return success(toModel(note));
    },
    read: async (identifier) => success(toModel(existing(identifier))),
    update: async (note) => {
      notes.set(existing(note).id, note);
      return success(toModel(note));
    },
    delete: async (identifier) => {
      notes.delete(existing(identifier).id);
      return success();
    },
    list: async ({ id }) => {
      const wanted = [...notes.values()].filter((note) => note.id === (id ?? note.id));
      return listed(wanted.map(toModel), undefined);
    },
  },
  toModel,
  describe: ({ id }) => (id === undefined ? {} : { noteId: id }),
};

export const entrypoint = createEntrypoint(noteType);
export const testEntrypoint = createTestEntrypoint(entrypoint);
