/** What a resource type uses of the runtime. README.md shows how. */
export { AwsError } from './aws/aws-error';
export { call, clientConfiguration } from './aws/call';
export type { Caller } from './aws/caller';
export { parseCredentials } from './aws/credentials';
export { createEntrypoint } from './entrypoint';
export { HandlerError, InvalidRequest } from './errors/handler-error';
export type { Steps } from './protocol/callback-context';
export { type Fields, isPresent, isText, quote, textLike } from './protocol/fields';
export { inProgress, listed, type Model, type ProgressEvent, success } from './protocol/progress';
export type { DenialMeaning, RequestScope, ResourceType } from './resource-type';
export { createTestEntrypoint } from './test-entrypoint';
export { waitForStabilization } from './time/callback-delays';
export { DeadlineExceeded, settledWithin } from './time/deadline';
export { isShown, patiently } from './time/retries';
