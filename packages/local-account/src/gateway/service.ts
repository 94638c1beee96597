import type { PolicyDocument } from '../services/iam/documents';
import type { Session } from '../services/sts/store';
import type { Stores } from '../stores';
import type { ApiModel } from './model';

/** Parameters of a call: members by their API names. */
export type Parameters = Record<string, unknown>;

/** What an operation returns: an object of API members, or nothing. */
export type Output = Record<string, unknown> | undefined;

export interface Decoded {
  readonly operation: string;
  readonly parameters: Parameters;
  /** Content beside the parameters: an object's bytes, or a function's event. It is not recorded. */
  readonly payload?: unknown;
}

/** One call of an operation, with its caller known. */
export interface ApiRequest extends Decoded {
  readonly region: string;
  readonly caller: Session;
}

/** What an operation uses of the account: its ID, the authorization, and the stores of its service. */
export type AccountWith<Store extends keyof Stores> = Pick<Stores, 'accountId' | Store> & {
  readonly authorize: Authorize;
};

/** One operation of a service: authorizes, acts, answers. Throws ApiError for every error answer. */
export type Operation<Store extends keyof Stores = keyof Stores> = (
  request: ApiRequest,
  account: AccountWith<Store>,
) => Output | Promise<Output>;

/** A service of the account, with the stores that its operations see. */
export interface Service<Store extends keyof Stores = keyof Stores> {
  /** The name in a signature's credential scope. */
  readonly name: string;
  /** The service's prefix in IAM actions; defaults to its name. */
  readonly actionPrefix?: string;
  /** The service's code for a parameter that is missing or wrong; defaults to `ValidationError`. */
  readonly validationError?: string;
  /** What its operations take. Their parameters are checked against it, and have the types in it. */
  readonly model: ApiModel;
  /** Whether messages about wrong parameters leave their values out. */
  readonly hidesValues?: boolean;
  readonly operations: Readonly<Record<string, Operation<Store>>>;
}

export type ConditionContext = Record<string, string | string[]>;

interface Access {
  action: string;
  /** Defaults to `*`, for actions that support no resource. */
  resource?: string | undefined;
  /** Keys of the service and of the resource. */
  context?: ConditionContext | undefined;
  resourcePolicy?: PolicyDocument;
  /** The resource in the message, if AWS does not show its ARN. */
  resourceName?: string;
}

/** Returns if the caller's policies allow the access. @throws ApiError AccessDenied */
export type Authorize = (request: Pick<ApiRequest, 'caller' | 'region'>, access: Access) => Promise<void>;
