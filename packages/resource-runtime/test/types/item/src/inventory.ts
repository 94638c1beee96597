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

export type Request = ResourceRequest<Configuration>;

/** Makes an item, or returns the one that was made with the same key. */
export async function postItem(item: object, request: Request): Promise<StoredItem> {
  const headers = { 'idempotency-key': request.idempotencyKey ?? '' };
  return (await send('CreateItem', '/items', request, {
    method: 'POST',
    body: item,
    headers,
    isIdempotent: true,
  })) as StoredItem;
}

/** @throws ServiceError of kind `not-found` */
export async function getItem(id: string, request: Request): Promise<StoredItem> {
  return (await send('GetItem', `/items/${id}`, request)) as StoredItem;
}

/** What an update changes. */
export interface Changes {
  readonly quantity: number;
  readonly accessCode: string;
  /** Tags to set, and the keys of those to remove. */
  readonly tags: { readonly set: Tags; readonly removed: readonly string[] };
}

/** Setting the same values twice changes nothing more. @throws ServiceError of kind `not-found` */
export async function patchItem(id: string, changes: Changes, request: Request): Promise<void> {
  await send('UpdateItem', `/items/${id}`, request, { method: 'PATCH', body: changes, isIdempotent: true });
}

/** @throws ServiceError of kind `not-found` */
export async function deleteItem(id: string, request: Request): Promise<void> {
  await send('DeleteItem', `/items/${id}`, request, { method: 'DELETE' });
}

/** A page of items, and the token of the next page. */
export async function listItems(request: Request): Promise<{ items: StoredItem[]; next?: string }> {
  const query = request.nextToken === undefined ? '' : `?page=${encodeURIComponent(request.nextToken)}`;
  return (await send('ListItems', `/items${query}`, request)) as { items: StoredItem[]; next?: string };
}

/** Whether an item is missing; any other error is thrown. */
export function isMissing(error: unknown): true {
  if (error instanceof ServiceError && error.kind === 'not-found') {
    return true;
  }
  throw error;
}

async function send(
  action: string,
  path: string,
  request: Request,
  more: HttpRequest = {},
): Promise<unknown> {
  const { endpoint, token } = request.configuration;
  const headers = { ...more.headers, authorization: `Bearer ${token}` };
  const { body } = await callHttp(request, `inventory:${action}`, endpoint + path, { ...more, headers });
  return body;
}
