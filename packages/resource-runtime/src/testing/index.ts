/** What tests of a resource type use. README.md shows how. */
export type { Caller } from '../calls/caller';
export type { Credentials } from '../calls/credentials';
export { FIRST_INVOCATION } from '../protocol/callback-context';
export { parseEnvelope } from '../protocol/envelope';
export { Secrets } from '../telemetry/secrets';
export { deadlineIn } from '../time/deadline';
export { shortenWaits } from './brief-waits';
export { problemsWithModels, type TypeSchema } from './check-models';
export { type OperationInput, type OperationResult, runOperation } from './run-operation';
export * from './scripted-aws';
