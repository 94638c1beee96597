/** What a resource type uses of the runtime. README.md shows how. */
export { call, clientConfiguration } from './calls/call';
export type { Caller, CallScope } from './calls/caller';
export { parseCredentials } from './calls/credentials';
export { callHttp, type HttpRequest, type HttpResponse } from './calls/http';
export { createEntrypoint } from './entrypoint';
export { HandlerError, InvalidRequest, InvalidTypeConfiguration } from './errors/handler-error';
export { ServiceError } from './errors/service-error';
export type { Notes } from './protocol/callback-context';
export { type Fields, isPresent, isText, quote, textLike } from './protocol/fields';
export { inProgress, listed, type Model, type ProgressEvent, success } from './protocol/progress';
export type { Steps } from './protocol/steps';
export { allTags, changedTags, type RequestTags, type Tags } from './protocol/tags';
export type { RequestScope, ResourceRequest, ResourceType } from './resource-type';
export { createTestEntrypoint } from './test-entrypoint';
export { nextWait } from './time/callback-delays';
export { DeadlineExceeded, resultOrError } from './time/deadline';
export { retryWithin, waitUntilShown } from './time/retries';
