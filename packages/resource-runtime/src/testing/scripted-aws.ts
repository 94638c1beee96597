import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Caller } from '../calls/caller';
import type { Credentials } from '../calls/credentials';
import { Secrets } from '../telemetry/secrets';
import { deadlineIn } from '../time/deadline';

/** One answer of {@link ScriptedAws}. */
export type Answer =
  | { readonly status?: number; readonly body: string }
  /** The connection is closed without an answer. */
  | 'cut'
  /** The connection stays open, and no answer comes. */
  | 'silence';

/** A request that has arrived. */
export interface Received {
  /** Such as `AssumeRole`. */
  readonly operation: string;
  /** The parameters of the query protocol, or the JSON of the JSON protocols. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage['headers'];
}

type Script = (Answer | ((request: Received) => Answer))[];

const REGION = 'us-east-1';

export const CREDENTIALS: Credentials = {
  accessKeyId: 'ASIATHEHANDLERROLE00',
  secretAccessKey: 'secret-of-the-handler-role',
  sessionToken: 'token-of-the-handler-role',
};

/**
 * An HTTP server in place of AWS, with answers that a test writes: for each operation a list, whose last answer
 * repeats. The SDK's clients find it by AWS_ENDPOINT_URL, which is set until the server is closed. An operation without
 * an answer gets a 418, so that the test fails.
 */
export class ScriptedAws {
  readonly requests: Received[] = [];
  readonly #answers = new Map<string, Script>();
  readonly #server: Server;
  readonly #environment = process.env.AWS_ENDPOINT_URL;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  static async start(): Promise<ScriptedAws> {
    const aws = new ScriptedAws();
    await new Promise<void>((resolve) => aws.#server.listen(0, '127.0.0.1', resolve));
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(aws.#server.address() as AddressInfo).port}`;
    return aws;
  }

  /** Replaces the answers of an operation; a function answers according to the request. */
  answer(operation: string, ...answers: Script): void {
    this.#answers.set(operation, answers);
  }

  /** Forgets answers and requests. */
  reset(): void {
    this.#answers.clear();
    this.requests.length = 0;
  }

  /** The requests of an operation. */
  received(operation: string): Received[] {
    return this.requests.filter((request) => request.operation === operation);
  }

  async close(): Promise<void> {
    if (this.#environment === undefined) {
      delete process.env.AWS_ENDPOINT_URL;
    } else {
      process.env.AWS_ENDPOINT_URL = this.#environment;
    }
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await receive(request);
    this.requests.push(received);
    const answers = this.#answers.get(received.operation) ?? [{ status: 418, body: '' }];
    const next = answers.length > 1 ? answers.shift() : answers[0];
    const answer = typeof next === 'function' ? next(received) : next;
    if (answer === 'cut' || answer === undefined) {
      request.socket.destroy();
    } else if (answer !== 'silence') {
      response.writeHead(answer.status ?? 200, { 'x-amzn-requestid': 'request-id' }).end(answer.body);
    }
  }
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const target = request.headers['x-amz-target'];
  const { headers } = request;
  if (typeof target === 'string') {
    return { operation: target.split('.')[1] ?? '', parameters: JSON.parse(text), headers };
  }
  const parameters = Object.fromEntries(new URLSearchParams(text));
  return { operation: parameters.Action ?? '', parameters, headers };
}

const invocations: AbortController[] = [];

// Without this, the timers of the callers would keep the process alive. Test runners without the hook end by themselves.
(globalThis as { afterAll?: (end: () => void) => void }).afterAll?.(() => {
  for (const invocation of invocations) {
    invocation.abort();
  }
});

/** A caller with a minute of time, in the Region of the tests. */
export function callerFor(milliseconds = 60_000, invocation = new AbortController()): Caller {
  invocations.push(invocation);
  return {
    credentials: CREDENTIALS,
    region: REGION,
    deadline: deadlineIn(milliseconds, invocation.signal),
    secrets: new Secrets(),
    calls: [],
  };
}

/** An answer of ECS or another service with a JSON protocol. */
export const json = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) });

/** An error of a service with a JSON protocol. */
export const jsonError = (code: string, status = 400, message = 'Details of the error'): Answer =>
  json({ __type: code, message }, status);

/** An answer of STS or IAM. */
export const xml = (operation: string, result: string): Answer => ({
  body: `<${operation}Response><${operation}Result>${result}</${operation}Result><ResponseMetadata><RequestId>request-id</RequestId></ResponseMetadata></${operation}Response>`,
});

/** An error of STS or IAM. */
export const xmlError = (code: string, status = 400, message = 'Details of the error'): Answer => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>request-id</RequestId></ErrorResponse>`,
});

/** The credentials in the answer to `AssumeRole`. */
export const SESSION: Credentials = {
  accessKeyId: 'ASIATHEINSTANCEROLE0',
  secretAccessKey: 'secret-of-the-instance-role',
  sessionToken: 'token-of-the-instance-role',
};

export const ASSUMED = xml(
  'AssumeRole',
  `<Credentials><AccessKeyId>${SESSION.accessKeyId}</AccessKeyId><SecretAccessKey>${SESSION.secretAccessKey}</SecretAccessKey><SessionToken>${SESSION.sessionToken}</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>`,
);

/** What `GetCallerIdentity` answers to this session or user. */
export const identity = (arn: string): Answer =>
  xml(
    'GetCallerIdentity',
    `<Arn>${arn}</Arn><UserId>AROAEXAMPLE:session</UserId><Account>111122223333</Account>`,
  );
