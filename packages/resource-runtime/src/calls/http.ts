import { ServiceError } from '../errors/service-error';
import { withTimeout } from '../time/deadline';
import { inAttempts } from './attempts';
import { call, type SendOptions } from './call';
import type { CallScope } from './caller';

/** A request to a service that is not AWS's. */
export interface HttpRequest {
  /** Defaults to GET. */
  readonly method?: string;
  /** Credentials in them are secrets: add them to the scope's `secrets`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  /**
   * Whether the service takes the request twice for once; such a request is sent again if its outcome is unknown.
   * Defaults to true, except for POST and PATCH.
   */
  readonly isIdempotent?: boolean;
}

/** What the service answered, with a status below 400. A redirect is not followed. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON; `undefined` for an empty body. */
  readonly body: unknown;
}

/** Milliseconds before the second attempt, at most. */
const FIRST_DELAY = 200;
/** Characters of an error's body in the message. It is redacted first: a part of a secret would not be found. */
const LONGEST_DETAILS = 300;

/**
 * Makes one HTTP request with the deadline, the retries and the record of a call to AWS: up to three attempts after
 * throttling, failures of the service and connections that fail, with the service's `Retry-After` where it fits into
 * the invocation.
 *
 * @param action What messages and the log call it, in the form of IAM's actions: `inventory:CreateItem`.
 * @throws ServiceError for a status of 400 or more, a body that is not JSON, or a connection that fails.
 */
export async function callHttp(
  scope: CallScope,
  action: string,
  url: string | URL,
  request: HttpRequest = {},
): Promise<HttpResponse> {
  const { method = 'GET' } = request;
  const { isIdempotent = method !== 'POST' && method !== 'PATCH' } = request;
  const { result } = await call(scope, action, async (options) => {
    const { result, attempts } = await inAttempts(
      () => send(scope, action, url, { ...request, method }, options),
      (thrown, count) => {
        const { kind, isTransient, details } = ServiceError.from(action, thrown);
        const delay = delayAfter(count, details.retryAfter);
        const canRetry = kind === 'throttled' || (isIdempotent && isTransient);
        return canRetry && delay <= options.requestTimeout ? delay : undefined;
      },
      options.abortSignal,
    );
    return { result, $metadata: { attempts } };
  });
  return result;
}

/** Milliseconds. */
function delayAfter(attempts: number, retryAfter: number | undefined): number {
  return retryAfter === undefined ? FIRST_DELAY * 2 ** (attempts - 1) * Math.random() : retryAfter * 1000;
}

async function send(
  { secrets }: CallScope,
  action: string,
  url: string | URL,
  { method, headers, body }: HttpRequest & { method: string },
  { abortSignal, requestTimeout, onResponse }: SendOptions,
): Promise<HttpResponse> {
  const exchange = async (signal: AbortSignal) => {
    const response = await fetch(url, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
      // Not followed: a redirect could take the credentials in the headers to another host.
      redirect: 'manual',
      signal,
    });
    return { response, text: await response.text() };
  };
  const { response, text } = await withTimeout(requestTimeout, abortSignal, exchange);
  onResponse();
  if (response.status >= 400) {
    const details = secrets.redact(text).slice(0, LONGEST_DETAILS) || 'no message';
    const retryAfter = secondsOf(response.headers.get('retry-after'));
    throw ServiceError.fromStatus(action, response.status, details, { retryAfter });
  }
  return { status: response.status, headers: response.headers, body: parsed(action, text) };
}

/** RFC 9110, section 10.2.3: seconds, or a date. A date is left to the retries' own delays: no clock is read here. */
function secondsOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}

function parsed(action: string, text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    throw ServiceError.malformedResponse(action);
  }
}
