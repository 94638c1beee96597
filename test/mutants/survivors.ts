import type { Survivor, Survivors } from '../../scripts/mutation/score';

/** Changes in one file, each by what is changed, into whatever. */
const changes = (fileName: string, ...originals: string[]): Survivor[] =>
  originals.map((original) => ({ fileName, original }));

/**
 * What the unit tests do not notice, and why they need not. `npm run mutants` fails if anything else survives, and shows
 * what is listed here and does not survive any more.
 */
export const SURVIVORS: readonly Survivors[] = [
  {
    reason: 'A default that TypeScript asks for; a regular expression or a split has matched before.',
    mutants: [
      ...changes('src/role/caller-identity.ts', "''", '[]'),
      ...changes('src/role/role-arn.ts', "''"),
      ...changes('src/errors/denial-message.ts', "''", '[]'),
      ...changes('src/role/roles.ts', "''", '[]'),
      ...changes('packages/resource-runtime/src/protocol/progress.ts', "''"),
      ...changes('src/role/trust-policy.ts', '[]'),
      ...changes('packages/resource-runtime/src/operation.ts', '[]'),
      ...changes('packages/resource-runtime/src/telemetry/secrets.ts', '[]'),
    ],
  },
  {
    reason: 'A guard that TypeScript asks for: without it, the code after it gives the same result.',
    mutants: [
      ...changes('src/handlers.ts', "target !== 'nothing'", "'nothing'"),
      ...changes('src/errors/explain.ts', "target === 'nothing'", "'nothing'"),
      ...changes('packages/resource-runtime/src/calls/aws-json.ts', "typeof body === 'object'"),
      ...changes('packages/resource-runtime/src/calls/http.ts', 'header !== null'),
      ...changes(
        'packages/resource-runtime/src/calls/call.ts',
        'options?.onResponse?.()',
        'options?.onResponse',
      ),
      ...changes('packages/resource-runtime/src/protocol/envelope.ts', 'value !== undefined'),
    ],
  },
  {
    reason: 'Equivalent: no policy, ARN, list or name of a module can show a difference.',
    mutants: [
      ...changes('packages/resource-runtime/src/entrypoint.ts', '[]'),
      ...changes('packages/resource-runtime/src/telemetry/telemetry.ts', '[]'),
      ...changes(
        'packages/resource-runtime/src/bundling.ts',
        '/^@aws-sdk\\/credential-provider-node$/',
        '/.*/',
      ),
      ...changes('src/role/roles.ts', 'role?.Arn'),
    ],
  },
  {
    reason:
      'Chance, time and the configuration of the SDK: a test would depend on the machine or repeat the line.',
    mutants: [
      ...changes(
        'packages/resource-runtime/src/calls/aws-json.ts',
        'FIRST_DELAY * 2 ** (count - 1) * Math.random()',
        'FIRST_DELAY * 2 ** (count - 1)',
        'count - 1',
      ),
      ...changes(
        'packages/resource-runtime/src/calls/http.ts',
        'FIRST_DELAY * 2 ** (attempts - 1) * Math.random()',
        'FIRST_DELAY * 2 ** (attempts - 1)',
        'attempts - 1',
        'delay <= options.requestTimeout',
      ),
      ...changes(
        'packages/resource-runtime/src/calls/call.ts',
        "'standard'",
        "''",
        'performance.now() - start',
      ),
    ],
  },
];
