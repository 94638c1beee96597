import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { LocalAccount } from './account';
import { type Caller, callerOf, type Service } from './account-state';
import { authorize } from './authorize';
import { ApiError } from './errors';
import { Registry } from './registry';
import { Buckets } from './registry-s3';
import { registryService } from './registry-service';
import { RegistryStacks } from './registry-stacks';
import { decode, encodeError, encodeOutput, type HttpAnswer } from './wire';

/** One API call as the registry saw it. */
export interface RegistryCall {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly status: number;
  readonly errorCode?: string | undefined;
}

/**
 * CloudFormation and S3 on loopback, as far as `cfn submit` and registering stacks go, for SDK clients as they are:
 * give `endpoint` as `--endpoint-url` and as `AWS_ENDPOINT_URL`. Callers, roles and their policies are a local
 * account's.
 */
export class RegistryServer {
  /** @param python The Python interpreter that packages are unpacked with. */
  static async start(account: LocalAccount, python: string): Promise<RegistryServer> {
    const server = new RegistryServer(account, python);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  readonly buckets = new Buckets();
  readonly registry: Registry;
  readonly calls: RegistryCall[] = [];

  #server: Server;
  #service: Service;
  #stacks = new Map<string, RegistryStacks>();

  private constructor(
    private readonly account: LocalAccount,
    python: string,
  ) {
    this.registry = new Registry(account.accountId, this.buckets, python);
    this.#service = registryService(this.registry, (region) => this.stacks(region));
    this.#server = createServer((request, response) => {
      this.#answer(request)
        .catch((error: unknown) => {
          // A fault of this server, not an answer of AWS: it must show.
          console.error('local registry:', error);
          return { status: 500, headers: {}, body: Buffer.from(`local registry: ${String(error)}`) };
        })
        .then(({ status, headers, body }) =>
          response.writeHead(status, { ...headers, 'content-length': body.length }).end(body),
        );
    });
  }

  /** `http://127.0.0.1:<port>`. */
  get endpoint(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('The server has no port');
    return `http://127.0.0.1:${address.port}`;
  }

  /** The stacks of a Region. */
  stacks(region: string): RegistryStacks {
    const stacks =
      this.#stacks.get(region) ?? new RegistryStacks(this.account, region, this.registry, this.buckets);
    this.#stacks.set(region, stacks);
    return stacks;
  }

  /** Stops answering and removes what was unpacked. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    await this.registry.close();
  }

  async #answer(request: IncomingMessage): Promise<HttpAnswer> {
    const { headers, method = 'GET', url = '/' } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const [, accessKeyId = '', region = 'us-east-1', service = ''] =
      /Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
    const protocol = service === 's3' ? 's3' : 'query';
    const requestId = randomUUID();
    let operation = `${method} ${url}`;
    let answer: HttpAnswer;
    let errorCode: string | undefined;
    try {
      const caller = this.#caller(accessKeyId, headers['x-amz-security-token']);
      if (protocol === 's3') {
        const [path = ''] = url.slice(1).split('?');
        const resource = `arn:aws:s3:::${decodeURIComponent(path)}`;
        const access = { action: 's3:PutObject', resource };
        await authorize({ operation, region, parameters: {}, caller }, access, this.account);
        answer = this.buckets.handle({ method, url, headers, body });
      } else {
        const { operation: named = '', parameters } = decode('query', body, headers['content-encoding']);
        operation = named;
        const act = this.#service[named];
        if (!act)
          throw new ApiError('InvalidAction', `Could not find operation ${named} for version 2010-05-15`);
        const output = await act({ operation, region, parameters, caller }, this.account);
        answer = encodeOutput('query', operation, output, requestId, 'text/xml');
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      errorCode = error.code;
      answer = encodeError(protocol, error, requestId, 'text/xml');
    }
    this.calls.push({ service, operation, region, status: answer.status, errorCode });
    return answer;
  }

  /** Access key and token tell the caller; the signature itself is not recomputed. */
  #caller(accessKeyId: string, token: string | string[] | undefined): Caller {
    if (accessKeyId === '') {
      throw new ApiError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
    }
    const session = this.account.sessions.find(accessKeyId, typeof token === 'string' ? token : '');
    return callerOf(session, this.account);
  }
}
