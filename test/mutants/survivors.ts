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
      ...changes('src/role/conditions.ts', "''"),
      ...changes('src/role/caller-identity.ts', "''", '[]'),
      ...changes('src/role/role-arn.ts', "''"),
      ...changes('src/role/roles.ts', "''"),
    ],
  },
  {
    reason: 'A guard that TypeScript asks for: without it, the code after it gives the same result.',
    mutants: [
      ...changes('src/role/policy-document.ts', 'value === undefined', '[]', 'value !== null'),
      ...changes(
        'src/role/trust-policy.ts',
        'listOf(read(document)?.Statement).filter(isRecord)',
        "listOf(named).filter((name) => typeof name === 'string')",
        "typeof name === 'string'",
        "typeof action === 'string'",
        '{ // IAM stores no such policy. It trusts no one. return undefined; }',
      ),
      ...changes('src/role/conditions.ts', '!isRecord(condition)', '{ return undefined; }'),
      ...changes('src/handlers.ts', "target !== 'nothing'", "'nothing'"),
      ...changes('packages/resource-runtime/src/aws/aws-json.ts', "typeof body === 'object'"),
      ...changes(
        'packages/resource-runtime/src/aws/call.ts',
        'options?.onResponse?.()',
        'options?.onResponse',
      ),
      ...changes('packages/resource-runtime/src/protocol/envelope.ts', 'value !== undefined'),
    ],
  },
  {
    reason: 'Equivalent: no policy, ARN or list can show a difference.',
    mutants: [
      ...changes('src/role/conditions.ts', '/ifexists$/', '/^(string|arn)not/'),
      ...changes(
        'src/role/conditions.ts',
        "[...parts.slice(0, 5), parts.slice(5).join(':')].slice(0, parts.length)",
        'parts.slice(5)',
        "':'",
      ),
      ...changes('src/role/wildcards.ts', 'at < pattern.length'),
      ...changes('src/role/roles.ts', 'role?.Arn'),
      ...changes(
        'src/setting/listing.ts',
        'possible.some(({ trustPolicy }) => dependsOnPrincipalArn(trustPolicy))',
        "identity.kind !== 'role'",
        '{ return identity; }',
        '() => []',
        '[]',
        '[...roles.entries()].reverse()',
      ),
    ],
  },
  {
    reason: 'An error that is not AWS’s would be a fault of this code; there is none to test with.',
    mutants: changes('src/setting/listing.ts', 'error instanceof AwsError'),
  },
  {
    reason:
      'Chance, time and the configuration of the SDK: a test would depend on the machine or repeat the line.',
    mutants: [
      ...changes(
        'packages/resource-runtime/src/aws/aws-json.ts',
        'FIRST_DELAY * 2 ** (attempts - 1) * Math.random()',
        'FIRST_DELAY * 2 ** (attempts - 1)',
        'attempts - 1',
      ),
      ...changes(
        'packages/resource-runtime/src/aws/call.ts',
        "'standard'",
        "''",
        'performance.now() - start',
      ),
    ],
  },
];
