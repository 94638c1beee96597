/** What a resource type uses of the runtime. README.md shows how. */
export { AwsError } from './aws/aws-error';
export { call, clientConfiguration } from './aws/call';
export type { Caller } from './aws/caller';
export { parseCredentials } from './aws/credentials';
export type { Steps } from './callback-context';
export { waitForStabilization } from './callback-delays';
export { DeadlineExceeded, settledWithin } from './deadline';
export { createEntrypoint } from './entrypoint';
export { type Fields, isPresent, isText, quote, textLike } from './fields';
export { HandlerError, InvalidRequest } from './handler-error';
export { inProgress, listed, type Model, type ProgressEvent, success } from './progress';
export type { DenialMeaning, RequestScope, ResourceType } from './resource-type';
export { isShown, patiently } from './retries';
export { createTestEntrypoint } from './test-entrypoint';
