import {
  allTags,
  changedTags,
  createEntrypoint,
  type Fields,
  HandlerError,
  InvalidRequest,
  InvalidTypeConfiguration,
  inProgress,
  listed,
  nextWait,
  type ProgressEvent,
  type RequestScope,
  type ResourceType,
  retryWithin,
  success,
  type Tags,
  textLike,
  waitUntilShown,
} from 'resource-runtime';
import schema from '../example-inventory-item.json';
import {
  type Configuration,
  deleteItem,
  getItem,
  getJob,
  isMissing,
  listItems,
  type Noted,
  patchItem,
  postItem,
  type Request,
  type StoredItem,
} from './inventory';

/*
 * A resource type on an HTTP service, which assigns the identifier, takes some seconds to make an item, deletes it with
 * a job, and knows nothing of AWS: the type needs no execution role. Endpoint and token come from the type
 * configuration.
 */

/** What identifies an item: read-only, so a create has none before the service has assigned it. */
interface Identifier {
  readonly id: string;
}

interface Item {
  readonly id: string | undefined;
  readonly name: string;
  readonly quantity: number;
  readonly accessCode: string;
  readonly tags: Tags;
}

const { properties: PROPERTIES } = schema;
const pattern = (name: 'Id' | 'Name' | 'AccessCode') => new RegExp(PROPERTIES[name].pattern);

const itemType: ResourceType<Identifier, Item, undefined, Configuration, Noted> = {
  typeName: schema.typeName,
  parse: { desired, identifier, configuration },
  operations: { create, read, update, delete: remove, list },
  toModel,
  subjectOf: (target) => (target?.id === undefined ? {} : { itemId: target.id }),
  writeOnlyProperties: schema.writeOnlyProperties,
  secrets: { properties: ['AccessCode'], configuration: ['Token'] },
};

export const entrypoint = createEntrypoint(itemType);

/**
 * The item is this create's own as soon as the service has made it. From then on every event has its id, so that
 * CloudFormation can delete it. A create that is repeated from the start gets the same item, by the key.
 */
async function create(item: Item, request: Request): Promise<ProgressEvent> {
  const { steps } = request;
  if (steps.isIdentified && item.id !== undefined) {
    return whenReady(item.id, item, request);
  }
  const { name, quantity, accessCode } = item;
  const wanted = { name, quantity, accessCode, tags: tagsOf(item, request) };
  // Patiently: if the answer is lost for good, the item has no owner. CloudFormation does not have its id.
  const { id } = await retryWithin(request.deadline, () => postItem(wanted, request));
  steps.identify(toModel({ ...item, id }));
  return whenReady(id, item, request);
}

async function read({ id }: Identifier, request: Request): Promise<ProgressEvent> {
  return success(modelOf(await existing(id, getItem(id, request)), request));
}

async function update(item: Item, request: Request): Promise<ProgressEvent> {
  const { id = '', quantity, accessCode } = item;
  const before = allTags(tagsIn(request.previousProperties), { ...request.previousTags, system: {} });
  const tags = changedTags(before, tagsOf(item, request));
  await existing(id, patchItem(id, { quantity, accessCode, tags }, request));
  return read({ id }, request);
}

/**
 * Starts the job once and notes it. A delete that is repeated from the original request has no notes, and gets the
 * same job by the key, also if the item is gone by now; without the key, that would be `NotFound`.
 */
async function remove({ id }: Identifier, request: Request): Promise<ProgressEvent> {
  const { deadline, steps } = request;
  const jobId = steps.notes.jobId ?? (await existing(id, deleteItem(id, request))).id;
  steps.note({ jobId });
  if (await waitUntilShown(deadline, () => isDone(jobId, request))) {
    return success();
  }
  const wait = nextWait(steps.context, 'polls', (count) => (count < 60 ? 10 : undefined));
  if (!wait) {
    throw new HandlerError('NotStabilized', `Job ${jobId} has been deleting ${id} for ten minutes.`);
  }
  return inProgress(toModel({ id }), wait, `Job ${jobId} is deleting the item.`);
}

/** @throws HandlerError if the job failed: the item is still there, and another delete makes another job. */
async function isDone(jobId: string, request: Request): Promise<boolean> {
  const { state, reason } = await getJob(jobId, request);
  if (state === 'FAILED') {
    throw new HandlerError('GeneralServiceException', `Job ${jobId} could not delete the item: ${reason}`);
  }
  return state === 'DONE';
}

async function list(_: undefined, request: Request): Promise<ProgressEvent> {
  const { items, next } = await listItems(request);
  return listed(
    items.map((item) => modelOf(item, request)),
    next,
  );
}

/** `SUCCESS` when the service says that the item is ready; waits for five minutes. */
async function whenReady(id: string, item: Item, request: Request): Promise<ProgressEvent> {
  const isReady = async () => (await getItem(id, request)).state === 'READY';
  if (await waitUntilShown(request.deadline, isReady)) {
    return read({ id }, request);
  }
  const wait = nextWait(request.steps.context, 'polls', (count) => (count < 60 ? 5 : undefined));
  if (!wait) {
    throw new HandlerError(
      'NotStabilized',
      `The service has been making ${id} for five minutes. Look at it there.`,
    );
  }
  return inProgress(toModel({ ...item, id }), wait, 'The service is making the item.');
}

/** The service's answer about an item. @throws HandlerError if there is none */
async function existing<T>(id: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw isMissing(error) ? new HandlerError('NotFound', `There is no item ${id}.`) : error;
  }
}

function toModel({ id, ...rest }: Identifier | Item) {
  const { name, quantity, accessCode, tags }: Partial<Item> = rest;
  return {
    ...(id !== undefined && { Id: id }),
    ...(name !== undefined && { Name: name, Quantity: quantity, AccessCode: accessCode, Tags: tags }),
  };
}

/** The tags of the stack are the service's, not the template's. */
function modelOf({ id, name, quantity, tags }: StoredItem, request: Request) {
  const own = Object.entries(tags).filter(([key, value]) => request.tags.stack[key] !== value);
  return { Id: id, Name: name, Quantity: quantity, Tags: Object.fromEntries(own) };
}

/** All tags that the item should have. The service refuses those that begin with `aws:`. */
function tagsOf(item: Item, { tags }: Request): Tags {
  return allTags(item.tags, { ...tags, system: {} });
}

/** @throws InvalidRequest */
function desired(properties: Fields, request: RequestScope<Configuration, Noted>): Item {
  const unknown = [...properties.keys()].find((name) => !(name in PROPERTIES));
  if (unknown !== undefined) {
    throw new InvalidRequest(`An item has no property ${JSON.stringify(unknown)}.`);
  }
  if (request.action === 'CREATE' && properties.has('Id') && !request.steps.isIdentified) {
    throw new InvalidRequest('Id is assigned by the service: a template cannot set it.');
  }
  const name = textLike(pattern('Name'), properties, 'Name');
  if (request.action === 'UPDATE' && name !== request.previousProperties.get('Name')) {
    throw new HandlerError('NotUpdatable', 'Name cannot be updated: the item must be replaced.');
  }
  return {
    id: properties.has('Id') ? textLike(pattern('Id'), properties, 'Id') : undefined,
    name,
    quantity: quantityIn(properties),
    accessCode: textLike(pattern('AccessCode'), properties, 'AccessCode'),
    tags: tagsIn(properties),
  };
}

/** @throws InvalidRequest */
function identifier(properties: Fields): Identifier {
  return { id: textLike(pattern('Id'), properties, 'Id') };
}

/** @throws InvalidTypeConfiguration */
function configuration(fields: Fields): Configuration {
  const [endpoint, token] = [fields.get('Endpoint'), fields.get('Token')];
  if (typeof endpoint !== 'string' || typeof token !== 'string') {
    throw new InvalidTypeConfiguration(
      'Set Endpoint and Token with aws cloudformation set-type-configuration.',
    );
  }
  return { endpoint, token };
}

function quantityIn(properties: Fields): number {
  const { minimum, maximum } = PROPERTIES.Quantity;
  const value = properties.get('Quantity') ?? 1;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < minimum || value > maximum) {
    throw new InvalidRequest(`Quantity must be a whole number from ${minimum} to ${maximum}.`);
  }
  return value;
}

function tagsIn(properties: Fields): Tags {
  const tags = Object.entries(properties.get('Tags') ?? {});
  if (tags.some(([, value]) => typeof value !== 'string')) {
    throw new InvalidRequest('Tags must have texts as values.');
  }
  return Object.fromEntries(tags);
}
