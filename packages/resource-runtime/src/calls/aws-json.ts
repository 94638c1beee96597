import { partition } from '@aws-sdk/core/client';
import { Hash } from '@smithy/core/serde';
import { HttpRequest } from '@smithy/core/transport';
import { SignatureV4 } from '@smithy/signature-v4';
import { ServiceError } from '../errors/service-error';
import { inAttempts } from './attempts';
import { call, type Metadata, requestHandler, type SendOptions } from './call';
import type { Caller } from './caller';

/*
 * Calls in the AWS JSON protocol with only the SDK's signature and its HTTP handler. Telemetry makes two calls in
 * each invocation; with the SDK's clients they take more processor time than the rest of a read.
 */

/** A service as its API model describes it (botocore's `service-2.json`: `metadata`). */
export interface JsonService {
  /** `endpointPrefix`, which is the signing name too. */
  readonly name: string;
  /** `jsonVersion`. */
  readonly version: '1.0' | '1.1';
  readonly targetPrefix: string;
  /** The service's own form of `AWS_ENDPOINT_URL` (AWS SDKs and Tools guide, "Service-specific endpoints"). */
  readonly endpointVariable: string;
  /** What IAM calls the service in actions. */
  readonly actionPrefix: string;
}

/** Milliseconds before the second attempt, at most. */
const FIRST_DELAY = 100;

/**
 * Makes one call, with up to three attempts.
 *
 * @param apiOperation Such as `PutLogEvents`.
 * @param input The members of the request, as in the API reference.
 * @throws ServiceError
 */
export async function callJson(
  caller: Caller,
  service: JsonService,
  apiOperation: string,
  input: object,
): Promise<void> {
  const action = `${service.actionPrefix}:${apiOperation}`;
  await call(caller, action, async (options) => {
    const { result, attempts } = await inAttempts(
      () => send(caller, service, apiOperation, input, options),
      (thrown, count) => {
        const { isTransient, kind } = ServiceError.from(action, thrown);
        // `call` itself retries after a stale signature.
        return isTransient && kind !== 'stale' ? FIRST_DELAY * 2 ** (count - 1) * Math.random() : undefined;
      },
      options.abortSignal,
    );
    return { $metadata: { ...result, attempts } };
  });
}

/** An error that AWS returned, in the form of the SDK's errors. */
class JsonError extends Error {
  constructor(
    override readonly name: string,
    message: string,
    readonly $metadata: Metadata & { readonly httpStatusCode: number },
  ) {
    super(message);
  }
}

async function send(
  { credentials, region }: Caller,
  service: JsonService,
  apiOperation: string,
  input: object,
  options: SendOptions,
): Promise<Metadata> {
  const { name, version, targetPrefix } = service;
  const { protocol, host, hostname, port, pathname } = endpointOf(service, region);
  const request = new HttpRequest({
    method: 'POST',
    protocol,
    hostname,
    ...(port && { port: Number(port) }),
    path: pathname,
    headers: {
      host,
      'content-type': `application/x-amz-json-${version}`,
      'x-amz-target': `${targetPrefix}.${apiOperation}`,
    },
    body: JSON.stringify(input),
  });
  const signer = new SignatureV4({ credentials, region, service: name, sha256: Hash.bind(null, 'sha256') });
  const signed = new HttpRequest(await signer.sign(request));
  const { response } = await requestHandler.handle(signed, options);
  const text = await textOf(response.body);
  const requestId = response.headers['x-amzn-requestid'];
  if (response.statusCode >= 300) {
    throw errorOf(text, { httpStatusCode: response.statusCode, requestId });
  }
  return { requestId };
}

/** A service's endpoint: from the environment, or under the domain of the Region's partition. */
export function endpointOf({ name, endpointVariable }: JsonService, region: string): URL {
  const { [endpointVariable]: own, AWS_ENDPOINT_URL: general } = process.env;
  return new URL(own ?? general ?? `https://${name}.${region}.${partition(region).dnsSuffix}`);
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** An error's code is in `__type`, behind a namespace that ends in `#` (Smithy, "AWS JSON 1.1 protocol"). */
function errorOf(text: string, metadata: JsonError['$metadata']): JsonError {
  const { __type, message, Message } = membersOf(text);
  // Without a code, `ServiceError` takes the status; without a message, it says so.
  const code = typeof __type === 'string' ? __type.slice(__type.indexOf('#') + 1) : '';
  const details = [message, Message].find((it) => typeof it === 'string') ?? '';
  return new JsonError(code, details, metadata);
}

function membersOf(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    // Such as a proxy's page: only the status is known.
    return {};
  }
}
