/** The SDK's clients, each of whose calls goes into the transcript. */
import { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import { CloudFormationClient, type CloudFormationClientConfig } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Pluggable } from '@smithy/types';

/** What the SDK's clients are given. */
export interface ClientOptions extends Pick<CloudFormationClientConfig, 'credentials' | 'requestHandler'> {
  readonly region: string;
  readonly profile?: string;
  readonly endpoint?: string;
}

/** Who calls. */
export interface Caller {
  readonly accountId: string;
  readonly arn: string;
}

/** The clients of a run. */
export type Aws = ReturnType<typeof connect>;

/**
 * Makes the clients. CloudFormation and Cloud Control do all the work. Amazon S3 takes the package, because
 * RegisterType reads it from there; AWS STS says whose account it is.
 *
 * @param onCall Is given one line a call: what was called with what, and what came of it.
 */
export function connect(options: ClientOptions, onCall: (line: string) => void) {
  const cloudformation = new CloudFormationClient(options);
  const cloudcontrol = new CloudControlClient(options);
  // A local endpoint is an IP address, which no bucket's name can stand before.
  const s3 = new S3Client({ ...options, forcePathStyle: options.endpoint !== undefined });
  const sts = new STSClient(options);
  cloudformation.middlewareStack.use(recorder(onCall));
  cloudcontrol.middlewareStack.use(recorder(onCall));
  s3.middlewareStack.use(recorder(onCall));
  return {
    cloudformation,
    cloudcontrol,
    s3,
    /** The Region in use. @throws Error where none is set. */
    region: () => cloudformation.config.region(),
    identity: async (): Promise<Caller> => {
      const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
      return { accountId: Account, arn: Arn };
    },
    /** Closes the connections. */
    close: () => {
      for (const client of [cloudformation, cloudcontrol, s3, sts]) {
        client.destroy();
      }
    },
  };
}

/** Around the SDK's own retries: one line for what the script calls, however often the SDK tries. */
function recorder<Input extends object, Output extends object>(
  onCall: (line: string) => void,
): Pluggable<Input, Output> {
  return {
    applyToStack: (stack) => {
      stack.add(
        (next, { clientName, commandName }) =>
          async (call) => {
            const what = `${clientName?.replace(/Client$/, '')} ${commandName?.replace(/Command$/, '')}`;
            const start = performance.now();
            const report = (outcome: string, requestId = 'none') => {
              const took = Math.round(performance.now() - start);
              onCall(`  ${what} ${summary(call.input)} → ${outcome} (${took} ms, request ${requestId})`);
            };
            try {
              const result = await next(call);
              report('ok', metadata(result.output).requestId);
              return result;
            } catch (error) {
              const { name, message } = error as Error;
              report(`${name}: ${message}`, metadata(error).requestId);
              throw error;
            }
          },
        { step: 'initialize', name: 'acceptanceTranscript' },
      );
    },
  };
}

/** What the SDK says about an answer (`$metadata` of outputs and of errors). */
function metadata(answer: unknown): { requestId?: string } {
  return (answer as { $metadata?: { requestId?: string } }).$metadata ?? {};
}

/** A call's input on one line; of a template or a package, only that there is one. */
function summary(input: object): string {
  const isLong = (name: string) => name === 'TemplateBody' || name === 'Body';
  const shown = Object.entries(input).map(([name, value]) => [name, isLong(name) ? '…' : value]);
  return JSON.stringify(Object.fromEntries(shown));
}
