import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../../../gateway/errors';
import { uniqueId } from '../../../ids';
import type { Model } from '../handlers/protocol';

/** A resource as its provider knows it. */
export interface Existing {
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** As the template has them, resolved. */
  readonly properties: Model;
}

/** The stack and the logical ID of a resource. */
export interface Place {
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
}

/** What CloudFormation does with the resources of one type. */
export interface Provider {
  /**
   * @param initiated To be called with the physical ID as soon as it is known.
   * @throws ResourceFailure, ApiError
   */
  create(properties: Model, place: Place, initiated: (physicalId: string) => void): Promise<Existing>;
  /** @throws ResourceFailure, ApiError */
  update(current: Existing, properties: Model, place: Place): Promise<Existing>;
  /** A resource that is gone already counts as deleted. @throws ResourceFailure, ApiError */
  delete(current: Existing, place: Place): Promise<void>;
  /** The properties whose change takes a new resource. */
  createOnly(): readonly string[];
  /** What is there now, for drift and import; missing where the local account can do neither for the type. */
  readonly read?: (
    identifier: string | Model,
    place: Place,
  ) => Promise<Omit<Existing, 'properties'> | undefined>;
  /** The names of the primary identifier's properties, for import. */
  readonly identifiers?: () => readonly string[];
}

/** A resource could not be created, changed or deleted. */
export class ResourceFailure extends Error {
  constructor(
    message: string,
    readonly errorCode: string,
    /** What a failed creation may have left behind, for the rollback to delete. */
    readonly leftBehind?: Existing,
  ) {
    super(message);
  }
}

/** What a failed operation reports; anything but a failure of a resource or an API is a fault of this code. */
export function failureOf(error: unknown): ResourceFailure {
  if (error instanceof ResourceFailure) {
    return error;
  }
  if (error instanceof ApiError) {
    return new ResourceFailure(error.message, error.code);
  }
  throw error;
}

/** The names of the properties that differ. */
export function differences(before: Model, after: Model): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

/** Whether a change takes a new resource. */
export function isReplaced(provider: Provider, before: Model, after: Model): boolean {
  const changed = differences(before, after);
  return provider.createOnly().some((name) => changed.includes(name));
}

/** `<stack>-<logical ID>-<random>`, as CloudFormation names what has no name, at most as long as given. */
export function generatedName({ stackName, logicalId }: Place, most = 64): string {
  return `${`${stackName}-${logicalId}`.slice(0, most - 13)}-${uniqueId('', 12)}`;
}
