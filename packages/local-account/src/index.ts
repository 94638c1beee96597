/** What programs and tests use of the account. README.md shows how. */
export { LocalAccount } from './account';
export { type Clock, REAL_CLOCK, sleep, VirtualClock } from './clock';
export { CloudFormation, type CloudFormationOptions } from './cloudformation';
export type { Call, Moment } from './gateway/call';
export type { Fault, FaultRule } from './gateway/faults';
export type { RunInput, RunResult } from './services/cloudformation/handlers/driver';
export type { Action, ProgressEvent } from './services/cloudformation/handlers/handler-contract';
export type { Model } from './services/cloudformation/handlers/schema';
export type { StackEvent } from './services/cloudformation/stacks/stack';
export { decide } from './services/iam/evaluation/engine';
export { type InvocationResult, LambdaFunction, type LambdaOptions } from './services/lambda/function';
export type { Credentials } from './services/sts/store';
