import type { PolicyDocument } from '../services/iam/documents';
import type { Session } from '../services/sts/store';

/** Who calls, in the forms that policies, settings and messages need. */
export interface Caller {
  readonly session: Session;
  /** The session's ARN (`arn:aws:sts::…:assumed-role/X/Y`) or the user's. */
  readonly arn: string;
  /** The role's ARN, path included, or the user's: the principal that settings belong to. */
  readonly principalArn: string;
  /** `aws:userid`: the role's ID and the session's name, or the user's ID. */
  readonly userId: string;
  /** The AWS service that calls with the caller's permissions (`aws:CalledVia`). */
  readonly calledVia?: string;
}

/** Parameters of a call, decoded: members by their API names. */
export type Parameters = Record<string, unknown>;

/** What an operation returns: an object of API members, or nothing. */
export type Output = Record<string, unknown> | undefined;

/** One call of an operation, decoded and with its caller known. */
export interface ApiRequest {
  readonly operation: string;
  readonly region: string;
  readonly parameters: Parameters;
  readonly caller: Caller;
  /** Content beside the parameters: an object's bytes, or a function's event. It is not recorded. */
  readonly payload?: unknown;
}

/** One operation of a service: authorizes, acts, answers. Throws ApiError for every error answer. */
export type Operation = (request: ApiRequest) => Output | Promise<Output>;

/** A service of the account. */
export interface Service {
  /** The name in a signature's credential scope. */
  readonly name: string;
  /** The service's prefix in IAM actions. */
  readonly actionPrefix: string;
  /** By their API names. */
  readonly operations: Readonly<Record<string, Operation>>;
}

/** Condition keys and their values. */
export type ConditionContext = Record<string, string | string[]>;

/** What a call wants to do. */
interface Access {
  action: string;
  /** Defaults to `*`, for actions that support no resource. */
  resource?: string;
  /** Keys of the service and of the resource. */
  context?: ConditionContext;
  /** The trust policy, for `sts:AssumeRole`. */
  resourcePolicy?: PolicyDocument;
  /** The resource in the message, if AWS does not show its ARN. */
  resourceName?: string;
}

/** Returns if the caller's policies allow the access. @throws ApiError AccessDenied */
export type Authorize = (request: ApiRequest, access: Access) => Promise<void>;
