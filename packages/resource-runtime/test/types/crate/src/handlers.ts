import {
  callHttp,
  createEntrypoint,
  type Fields,
  HandlerError,
  type HttpRequest,
  InvalidRequest,
  InvalidTypeConfiguration,
  inProgress,
  nextWait,
  type ProgressEvent,
  type RequestScope,
  type ResourceRequest,
  type ResourceType,
  retryWithin,
  success,
  textLike,
  waitUntilShown,
} from 'resource-runtime';
import schema from '../example-warehouse-crate.json';

/* A resource type whose service deletes with a job: the delete notes the job, and polls it between invocations. */

type Configuration = { readonly endpoint: string; readonly token: string };
type Identifier = { readonly id: string };
type Crate = { readonly id: string | undefined; readonly label: string };
type Job = { readonly id: string; readonly state: 'RUNNING' | 'DONE' | 'FAILED'; readonly reason?: string };
/** What a delete tells its next invocation. */
type Noted = { readonly jobId: string };
type Request = ResourceRequest<Configuration, Noted>;

const ID = new RegExp(schema.properties.Id.pattern);
const LABEL = new RegExp(schema.properties.Label.pattern);

const crateType: ResourceType<Identifier, Crate, undefined, Configuration, Noted> = {
  typeName: schema.typeName,
  parse: { desired, identifier: (properties) => ({ id: textLike(ID, properties, 'Id') }), configuration },
  operations: { create, read, update, delete: remove },
  toModel,
  subjectOf: (target) => (target?.id === undefined ? {} : { crateId: target.id }),
  secrets: { configuration: ['Token'] },
};

export const entrypoint = createEntrypoint(crateType);

/** A repeated create gets the same crate, by the key. */
async function create({ label }: Crate, request: Request): Promise<ProgressEvent> {
  const more = { method: 'POST', body: { label }, isIdempotent: true } as const;
  const post = () => send<Identifier>('CreateCrate', '/crates', request, more);
  // Patiently: if the answer is lost for good, the crate has no owner. CloudFormation does not have its id.
  const { id } = await retryWithin(request.deadline, post);
  return success(toModel({ id, label }));
}

async function read({ id }: Identifier, request: Request): Promise<ProgressEvent> {
  return success(toModel(await send<Crate>('GetCrate', `/crates/${id}`, request)));
}

async function update({ id = '', label }: Crate, request: Request): Promise<ProgressEvent> {
  const more = { method: 'PATCH', body: { label }, isIdempotent: true } as const;
  await send('UpdateCrate', `/crates/${id}`, request, more);
  return success(toModel({ id, label }));
}

/**
 * Starts the job once and notes it. A delete that is repeated from the original request has no notes, and gets the
 * same job by the key, also if the crate is gone by now; without the key, that would be `NotFound`.
 */
async function remove({ id }: Identifier, request: Request): Promise<ProgressEvent> {
  const start = () => send<Job>('DeleteCrate', `/crates/${id}`, request, { method: 'DELETE' });
  const jobId = request.steps.notes.jobId ?? (await start()).id;
  request.steps.note({ jobId });
  if (await waitUntilShown(request.deadline, () => isDone(jobId, request))) {
    return success();
  }
  const wait = nextWait(request.steps.context, 'polls', (count) => (count < 60 ? 10 : undefined));
  if (!wait) {
    throw new HandlerError('NotStabilized', `Job ${jobId} has been deleting ${id} for ten minutes.`);
  }
  return inProgress(toModel({ id }), wait, `Job ${jobId} is deleting the crate.`);
}

/** @throws HandlerError if the job failed: the crate is still there, and another delete makes another job. */
async function isDone(jobId: string, request: Request): Promise<boolean> {
  const { state, reason } = await send<Job>('GetJob', `/jobs/${jobId}`, request);
  if (state === 'FAILED') {
    throw new HandlerError('GeneralServiceException', `Job ${jobId} could not delete the crate: ${reason}`);
  }
  return state === 'DONE';
}

/** Calls the service; the type of the answer is what the service documents. @throws ServiceError */
async function send<T>(action: string, path: string, request: Request, more: HttpRequest = {}): Promise<T> {
  const { endpoint, token } = request.configuration;
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': request.idempotencyKey ?? '' };
  return (await callHttp(request, `warehouse:${action}`, endpoint + path, { ...more, headers })).body as T;
}

function toModel({ id, ...rest }: Identifier | Crate) {
  return { ...(id !== undefined && { Id: id }), ...('label' in rest && { Label: rest.label }) };
}

function desired(properties: Fields, { action }: RequestScope<Configuration, Noted>): Crate {
  if ([...properties.keys()].some((name) => !(name in schema.properties))) {
    throw new InvalidRequest('The properties of a crate are Id and Label.');
  }
  if (action === 'CREATE' && properties.has('Id')) {
    throw new InvalidRequest('Id is assigned by the service: a template cannot set it.');
  }
  const id = action === 'UPDATE' ? textLike(ID, properties, 'Id') : undefined;
  return { id, label: textLike(LABEL, properties, 'Label') };
}

function configuration(fields: Fields): Configuration {
  const [endpoint, token] = [fields.get('Endpoint'), fields.get('Token')];
  if (typeof endpoint !== 'string' || typeof token !== 'string') {
    throw new InvalidTypeConfiguration('Set Endpoint and Token for the type.');
  }
  return { endpoint, token };
}
