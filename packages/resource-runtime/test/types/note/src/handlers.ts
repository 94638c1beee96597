import {
  createEntrypoint,
  HandlerError,
  InvalidRequest,
  listed,
  type ResourceType,
  success,
  textLike,
} from 'resource-runtime';
import schema from '../example-memory-note.json';

/* A second resource type on the same runtime: notes in the memory of the handler's process. */

/** Has the properties of the schema, so a note is its own model. */
type Note = { readonly Id: string; readonly Text: string };
type Identifier = Pick<Note, 'Id'>;

const ID = new RegExp(schema.properties.Id.pattern);
const TEXT = new RegExp(schema.properties.Text.pattern);
const notes = new Map<string, Note>();

function existing({ Id }: Identifier): Note {
  const note = notes.get(Id);
  if (!note) {
    throw new HandlerError('NotFound', `There is no note ${Id}.`);
  }
  return note;
}

const noteType: ResourceType<Identifier, Note> = {
  typeName: schema.typeName,
  parse: {
    desired: (properties, { previousProperties }) => {
      if ([...properties.keys()].some((name) => !(name in schema.properties))) {
        throw new InvalidRequest('The properties of a note are Id and Text.');
      }
      const note = { Id: textLike(ID, properties, 'Id'), Text: textLike(TEXT, properties, 'Text') };
      if (note.Id !== (previousProperties.get('Id') ?? note.Id)) {
        throw new HandlerError('NotUpdatable', 'Id cannot be updated: the note must be replaced.');
      }
      return note;
    },
    identifier: (properties) => ({ Id: textLike(ID, properties, 'Id') }),
  },
  operations: {
    create: async (note) => {
      if (notes.has(note.Id)) {
        throw new HandlerError('AlreadyExists', `There is a note ${note.Id} already.`);
      }
      notes.set(note.Id, note);
      return success(note);
    },
    read: async (identifier) => success(existing(identifier)),
    update: async (note) => {
      notes.set(existing(note).Id, note);
      return success(note);
    },
    delete: async (identifier) => {
      notes.delete(existing(identifier).Id);
      return success();
    },
    list: async () => listed([...notes.values()]),
  },
  toModel: (identifier) => identifier,
  subjectOf: (target) => (target && { noteId: target.Id }) ?? {},
};

export const entrypoint = createEntrypoint(noteType);
