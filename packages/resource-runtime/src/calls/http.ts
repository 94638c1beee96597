import { ServiceError } from '../errors/service-error';
import { pause, withTimeout } from '../time/deadline';
import { call } from './call';
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

const MAX_ATTEMPTS = 3;
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
  const { response } = await call(scope, action, async ({ abortSignal, requestTimeout, onResponse }) => {
    for (let attempts = 1; ; attempts += 1) {
      try {
        const response = await send(
          scope,
          action,
          url,
          { ...request, method },
          abortSignal,
          requestTimeout,
          onResponse,
        );
        return { response, $metadata: { attempts } };
      } catch (thrown) {
        const error = thrown instanceof ServiceError ? thrown : ServiceError.from(action, thrown);
        const canRetry = error.kind === 'throttled' || (isIdempotent && error.isTransient);
        const delay = delayBefore(attempts + 1, error.details.retryAfter);
        if (attempts === MAX_ATTEMPTS || !canRetry || delay > requestTimeout || abortSignal.aborted) {
          throw error;
        }
        await pause(delay, abortSignal);
      }
    }
  });
  return response;
}

/** Milliseconds. */
function delayBefore(attempt: number, retryAfter: number | undefined): number {
  return retryAfter === undefined ? FIRST_DELAY * 2 ** (attempt - 2) * Math.random() : retryAfter * 1000;
}

async function send(
  { secrets }: CallScope,
  action: string,
  url: string | URL,
  { method, headers, body }: HttpRequest & { method: string },
  abortSignal: AbortSignal,
  requestTimeout: number,
  onResponse: () => void,
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
    const retryAfter = secondsOf(response.headers.get('retry-after'));
    throw ServiceError.fromStatus(
      action,
      response.status,
      secrets.redact(text).slice(0, LONGEST_DETAILS) || 'no message',
      {
        retryAfter,
      },
    );
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
