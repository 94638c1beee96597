import { callHttp, type HttpRequest, type ResourceRequest, ServiceError, type Tags } from 'resource-runtime';

/** What an account configures: where the service is, and what it authenticates the account by. */
export interface Configuration {
  readonly endpoint: string;
  readonly token: string;
}

/** An item as the service shows it. */
export interface StoredItem {
  readonly id: string;
  readonly name: string;
  readonly quantity: number;
  readonly tags: Tags;
  readonly state: 'CREATING' | 'READY';
}

/** A job that deletes an item. */
interface Job {
  readonly id: string;
  readonly state: 'RUNNING' | 'DONE' | 'FAILED';
  /** Why it failed. */
  readonly reason?: string;
}

/** What a delete tells its next invocation. */
export type Noted = { readonly jobId: string };

export type Request = ResourceRequest<Configuration, Noted>;

/** Makes an item, or returns the one that was made with the same key. */
export function postItem(item: object, request: Request): Promise<StoredItem> {
  return send('CreateItem', '/items', request, { method: 'POST', body: item, isIdempotent: true });
}

/** @throws ServiceError of kind `not-found` */
export function getItem(id: string, request: Request): Promise<StoredItem> {
  return send('GetItem', `/items/${id}`, request);
}

/** What an update changes. */
export interface Changes {
  readonly quantity: number;
  readonly accessCode: string;
  /** Tags to set, and the keys of those to remove. */
  readonly tags: { readonly set: Tags; readonly removed: readonly string[] };
}

/** Setting the same values twice changes nothing more. @throws ServiceError of kind `not-found` */
export function patchItem(id: string, changes: Changes, request: Request): Promise<void> {
  return send('UpdateItem', `/items/${id}`, request, { method: 'PATCH', body: changes, isIdempotent: true });
}

/**
 * Starts a job that deletes an item, or returns the one that was started with the same key.
 *
 * @throws ServiceError of kind `not-found`
 */
export function deleteItem(id: string, request: Request): Promise<Job> {
  return send('DeleteItem', `/items/${id}`, request, { method: 'DELETE' });
}

export function getJob(id: string, request: Request): Promise<Job> {
  return send('GetJob', `/jobs/${id}`, request);
}

/** A page of items, and the token of the next page. */
export function listItems(request: Request): Promise<{ items: StoredItem[]; next?: string }> {
  const query = request.nextToken === undefined ? '' : `?page=${encodeURIComponent(request.nextToken)}`;
  return send('ListItems', `/items${query}`, request);
}

/** Whether the service knows no such item. */
export function isMissing(error: unknown): boolean {
  return error instanceof ServiceError && error.kind === 'not-found';
}

/** Calls the service; the type of the answer is what the service documents. @throws ServiceError */
async function send<T>(action: string, path: string, request: Request, more: HttpRequest = {}): Promise<T> {
  const { endpoint, token } = request.configuration;
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': request.idempotencyKey ?? '' };
  return (await callHttp(request, `inventory:${action}`, endpoint + path, { ...more, headers })).body as T;
}
