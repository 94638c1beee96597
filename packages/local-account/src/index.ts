/** What programs and tests use of the account. README.md shows how. */
export { LocalAccount } from './account';
export { type Clock, REAL_CLOCK, sleep, VirtualClock } from './clock';
export { CloudFormation, type CloudFormationOptions } from './cloudformation';
export type { Fault, FaultRule } from './gateway/faults';
export type { Call, Moment } from './gateway/gateway';
export type { Action, Model, ProgressEvent } from './services/cloudformation/handlers/contract';
export type { RunInput, RunResult } from './services/cloudformation/handlers/driver';
export type { StackEvent } from './services/cloudformation/stacks/stack';
export { decide } from './services/iam/evaluation';
export { type InvocationResult, LambdaFunction, type LambdaOptions } from './services/lambda/function';
export type { Credentials } from './services/sts/store';
