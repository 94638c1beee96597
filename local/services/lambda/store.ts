import type { InvocationResult } from './function';

/** A function that Invoke can run. */
interface Invocable {
  invoke(event: unknown): Promise<InvocationResult>;
}

/** The functions of the account, by name. */
export type Functions = Map<string, Invocable>;
