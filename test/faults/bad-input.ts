import fc from 'fast-check';
import { eventFor } from './slowness';
import type { TestAccount } from './test-account';

type Path = readonly string[];

/** The paths of fields in each of some objects. */
const fieldsOf = (parents: readonly Path[], ...names: string[]): Path[] =>
  parents.flatMap((parent) => names.map((name) => [...parent, name]));

/** The paths of objects in the request's data. */
const inData = (...names: string[]) => names.map((name): Path => ['requestData', name]);

/** Every field of an event, and some that no event has. */
const PATHS: readonly Path[] = [
  ...fieldsOf(
    [[]],
    ...['action', 'awsAccountId', 'bearerToken', 'callbackContext', 'nextToken', 'region', 'requestData'],
    ...['resourceType', 'resourceTypeVersion', 'stackId', 'snapshotRequested', '__proto__', 'constructor'],
  ),
  ...fieldsOf(
    [['requestData']],
    ...['callerCredentials', 'logicalResourceId', 'previousResourceProperties', 'providerCredentials'],
    ...['providerLogGroupName', 'resourceProperties', 'stackTags', 'systemTags', 'typeConfiguration'],
    ...['__proto__', 'prototype', 'toString'],
  ),
  ...fieldsOf(
    inData('resourceProperties', 'previousResourceProperties'),
    ...['RoleArn', 'Trunking', 'Extra', '__proto__', 'constructor', 'hasOwnProperty'],
  ),
  ...fieldsOf(
    inData('callerCredentials', 'providerCredentials'),
    ...['accessKeyId', 'secretAccessKey', 'sessionToken', '__proto__'],
  ),
  ...fieldsOf(
    [['callbackContext']],
    ...['checked', 'written', 'denials', 'throttles', 'failures', 'polls', 'version'],
    ...['__proto__', 'constructor'],
  ),
];

/** Values that must not change `Object.prototype`. JSON.parse makes such keys own properties. */
const pollution = fc
  .constantFrom(
    '{"__proto__":{"polluted":true,"status":"SUCCESS","accessKeyId":"x"}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"prototype":{"polluted":true},"__proto__":null}',
    '{"toString":1,"valueOf":null,"hasOwnProperty":"no","toJSON":{}}',
    '[{"__proto__":[{"polluted":true}]}]',
    '{"length":-1,"then":"no","0":{"__proto__":{"polluted":1}}}',
  )
  .map((text): unknown => JSON.parse(text));

const deep = fc.integer({ min: 1, max: 800 }).map((depth) => {
  let value: unknown = 'bottom';
  for (let level = 0; level < depth; level += 1) {
    value = level % 2 ? [value] : { down: value };
  }
  return value;
});

const hugeText = fc
  .tuple(
    fc.constantFrom('a', 'é', '😀', '\u0000', '"', '\\', '<', ' ', '/'),
    fc.integer({ min: 500, max: 200_000 }),
  )
  .map(([unit, count]) => unit.repeat(count));

const hostileText = fc.oneof(
  fc.constantFrom(
    ...['', ' ', '%00', '\u0000', '\ud800', '\u202e', '__proto__', 'null', '111122223333', '000000000000'],
    ...['\r\nHost: evil.example', 'evil.example/', 'us-east-1.evil.example#', '../../../../etc/passwd'],
    ...['us-east-1\r\nX-Amz-Date: 1', 'localhost:80', '169.254.169.254', '$'.concat('{jndi:ldap://x}')],
    ...['us-east-1', 'cn-north-1', 'us-gov-west-1', 'CREATE', 'enabled', 'ENABLED', 'on'],
    ...['<script>alert(1)</script>', "'; DROP TABLE roles; --"],
  ),
  fc.string(),
  fc.string({ unit: 'binary' }),
);

const arn = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('aws', 'aws-cn', 'aws-us-gov', 'aws-', 'AWS', ''),
      fc.constantFrom('iam', 'sts', 'ecs', ''),
      fc.constantFrom('', 'us-east-1'),
      fc.constantFrom('111122223333', '444455556666', '123', '', '１１１１２２２２３３３３'),
      fc.constantFrom('role', 'user', 'assumed-role', 'instance-profile', 'role/aws-service-role', 'root'),
      fc.oneof(
        fc.constantFrom('nobody', 'a/b/c', '/', '*', '..', 'x'.repeat(65), 'name\n', 'näme'),
        hostileText,
      ),
    )
    .map(
      ([partition, service, region, account, kind, name]) =>
        `arn:${partition}:${service}:${region}:${account}:${kind}/${name}`,
    ),
  hostileText,
);

const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-1, 0, 7, 8, 20, 21, 1000, 1001, 2 ** 53, 1e308),
);

/** JSON that nobody expects. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  { weight: 3, arbitrary: arn },
  { weight: 2, arbitrary: number },
  { weight: 2, arbitrary: fc.constantFrom(null, true, false, [], {}, [[]], [null], { RoleArn: {} }) },
  { weight: 2, arbitrary: pollution },
  { weight: 2, arbitrary: fc.jsonValue() },
  { weight: 1, arbitrary: hugeText },
  { weight: 1, arbitrary: deep },
);

/** A change to a valid event. */
type Mutation =
  /** `undefined` removes the field. */
  | { readonly kind: 'set'; readonly path: Path; readonly value: unknown }
  /** The request's own secrets, where they do not belong. */
  | {
      readonly kind: 'tell';
      readonly path: Path;
      readonly secret: 'token' | 'bearer';
      readonly around: string;
    };

/** The fields that contain the request's secrets, and the objects around them. */
const HOMES = /bearerToken|Credentials|^requestData$/;

const ROLE_ARN: Path = ['requestData', 'resourceProperties', 'RoleArn'];
const path = fc.constantFrom(...PATHS);
const set = fc.constant('set' as const);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: set, path, value: fc.constant(undefined) }) },
  { weight: 6, arbitrary: fc.record({ kind: set, path, value: anything }) },
  { weight: 2, arbitrary: fc.record({ kind: set, path: fc.constant(ROLE_ARN), value: arn }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('tell' as const),
      path: fc.constantFrom(...PATHS.filter((it) => !HOMES.test(it.join('.')))),
      secret: fc.constantFrom('token' as const, 'bearer' as const),
      around: fc.constantFrom('', 'arn:aws:iam::111122223333:role/', '"', 'x'.repeat(100)),
    }),
  },
);

/** How to make an input: a valid event with some changes, or a value that is not an event. */
export type Recipe =
  | { readonly kind: 'none'; readonly value: unknown }
  | { readonly kind: 'spoiled'; readonly action: string; readonly mutations: readonly Mutation[] };

export const recipe: fc.Arbitrary<Recipe> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('none' as const), value: anything }) },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('spoiled' as const),
      action: fc.constantFrom('CREATE', 'READ', 'UPDATE', 'DELETE', 'LIST'),
      mutations: fc.array(mutation, { minLength: 1, maxLength: 4 }),
    }),
  },
);

/** Makes a recipe's input, for an account. */
export function eventOf(account: TestAccount, { ...made }: Recipe): unknown {
  if (made.kind === 'none') {
    return made.value;
  }
  const event: unknown = eventFor(account, made.action as 'CREATE', account.roleArn);
  const spoiled = made.mutations.reduce(
    (it: unknown, change) => (change.kind === 'set' ? put(it, change.path, change.value) : it),
    event,
  );
  // Only secrets that the changed event still contains: nothing could recognize any other.
  return made.mutations.reduce((it: unknown, change) => {
    const secret = change.kind === 'tell' ? secretIn(spoiled, change.secret) : undefined;
    return change.kind === 'tell' && secret ? put(it, change.path, `${change.around}${secret}`) : it;
  }, spoiled);
}

function secretIn(event: unknown, which: 'token' | 'bearer'): string | undefined {
  const { bearerToken, requestData } = (event ?? {}) as Partial<ReturnType<typeof eventFor>>;
  const secret: unknown = which === 'bearer' ? bearerToken : requestData?.callerCredentials?.sessionToken;
  return typeof secret === 'string' ? secret : undefined;
}

/** A copy with one field set, or removed. `__proto__` is a field like any other. */
function put(target: unknown, [name = '', ...rest]: Path, value: unknown): unknown {
  if (typeof target !== 'object' || target === null || Array.isArray(target)) {
    return target;
  }
  const fields = new Map<string, unknown>(Object.entries(target));
  const changed = rest.length > 0 ? put(fields.get(name) ?? {}, rest, value) : value;
  if (changed === undefined) {
    fields.delete(name);
  } else {
    fields.set(name, changed);
  }
  return Object.fromEntries(fields);
}

/** The ARN of a role in the account of the tests. Written independently of the handlers' own check. */
const OWN_ROLE =
  /^arn:aws(-[a-z]+)*:iam::111122223333:role\/(?!aws-service-role\/)([!-~]+\/)?[A-Za-z0-9_+=,.@-]{1,64}$/;

/** The ARN of a role in any account. */
const ANY_ROLE = /^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role\/([!-~]{1,510}\/)?[A-Za-z0-9_+=,.@-]{1,64}$/;

/** Whether an event asks for something that handlers must refuse. Decided independently of the handlers' own checks. */
export function mustFail(event: unknown): boolean {
  const { action, awsAccountId, requestData } = (event ?? {}) as Partial<ReturnType<typeof eventFor>>;
  const { RoleArn } = (requestData?.resourceProperties ?? {}) as { RoleArn?: unknown };
  const absent = RoleArn === undefined || RoleArn === null;
  const isOwn = typeof RoleArn === 'string' && OWN_ROLE.test(RoleArn) && awsAccountId === '111122223333';
  if (action === 'LIST') {
    // A list that is limited to a role of another account is empty.
    return !absent && !(typeof RoleArn === 'string' && ANY_ROLE.test(RoleArn));
  }
  return !['CREATE', 'READ', 'UPDATE', 'DELETE'].includes(String(action)) || !isOwn;
}

const OPERATIONS: ReadonlySet<string> = new Set([
  ...['AssumeRole', 'GetCallerIdentity', 'GetRole', 'ListRoles'],
  ...['ListAccountSettings', 'PutAccountSetting', 'DeleteAccountSetting'],
  ...['CreateLogGroup', 'CreateLogStream', 'PutLogEvents', 'PutMetricData'],
]);

/** Calls with the function's own role, and calls that only unchecked input can cause. */
export function uncheckedCalls(account: TestAccount): string[] {
  return account.local.calls
    .filter(({ operation, region, caller, parameters }) => {
      if (caller === account.local.functionRoleArn) {
        return true;
      }
      if (!/^[a-z]+(-[a-z]+)+-\d+$/.test(region)) {
        return true;
      }
      if (operation === 'AssumeRole') {
        return !OWN_ROLE.test(String(parameters.RoleArn));
      }
      if (operation === 'GetRole') {
        return !/^[\w+=,.@-]{1,64}$/.test(String(parameters.RoleName));
      }
      return !OPERATIONS.has(operation);
    })
    .map(({ service, operation, region, parameters }) =>
      JSON.stringify({ service, operation, region, parameters }),
    );
}
