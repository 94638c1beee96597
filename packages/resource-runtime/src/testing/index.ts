/** What tests of a resource type use beside the runtime itself. */
export type { Caller } from '../aws/caller';
export type { Credentials } from '../aws/credentials';
export { parseEnvelope } from '../protocol/envelope';
export { Secrets } from '../telemetry/secrets';
export { deadlineIn } from '../time/deadline';
export { shortenWaits } from './brief-waits';
export * from './scripted-aws';
