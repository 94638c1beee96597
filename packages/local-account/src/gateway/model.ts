/** A value's type and limits, in the terms of AWS's API models (botocore, `service-2.json`). */
export interface Shape {
  readonly type: string;
  /** Of a text or a list its length; of a number its value. */
  readonly min?: number;
  readonly max?: number;
  /** Matches the whole text. */
  readonly pattern?: string;
  readonly enum?: readonly string[];
  /** The shape of a list's items. */
  readonly member?: string;
  /** The shape of a map's values. */
  readonly value?: string;
  readonly members?: Members;
}

/**
 * The members of a structure and the names of their shapes. `!` after a shape's name marks a member that must be there,
 * and `-` in place of it one of AWS's members that the local account refuses, so that none is ignored.
 */
export type Members = Readonly<Record<string, string>>;

/** What a service's operations take: the part of AWS's model of its API that the local account checks. */
export interface ApiModel {
  readonly operations: Readonly<Record<string, Members>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** How a protocol writes values. */
export interface Notation {
  /** Whether numbers and Booleans are texts. */
  readonly isText: boolean;
  /** The error code for a value of another type. */
  readonly malformed: string;
}

/** Whether a value is an object, not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
