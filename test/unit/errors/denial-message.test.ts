import { ServiceError } from 'resource-runtime';
import { describeDenial, type Evidence } from '../../../src/errors/denial-message';
import { parseRoleArn } from '../../../src/role/role-arn';

/* What users read about a denied call. A changed message changes here too. */

const ROLE = parseRoleArn('arn:aws:iam::111122223333:role/instances');
const HANDLER = {
  accountId: '111122223333',
  arn: 'arn:aws:sts::111122223333:assumed-role/Handler/session',
  kind: 'role',
  name: 'Handler',
} as const;
const SAID = 'User: x is not authorized to perform: y';

/** The trust policy that opting in makes, with another principal or condition. */
const trusting = (AWS = 'arn:aws:iam::111122223333:root', more: object = {}) =>
  encodeURIComponent(
    JSON.stringify({
      Statement: {
        Effect: 'Allow',
        Principal: { AWS },
        Action: 'sts:AssumeRole',
        Condition: {
          ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/ecs-role-trunking/*' },
          StringEquals: { 'sts:RoleSessionName': 'EcsRoleTrunking' },
        },
        ...more,
      },
    }),
  );

const OPTED_IN = { arn: ROLE.arn, hasOptInTag: true, trustPolicy: trusting(), boundary: undefined };
const HANDLER_ROLE = {
  ...OPTED_IN,
  arn: 'arn:aws:iam::111122223333:role/ecs-role-trunking/Handler',
  hasOptInTag: false,
};

const denialOf = (action: string, message: string) =>
  ServiceError.from(action, { name: 'AccessDenied', message, $metadata: { httpStatusCode: 403 } });
const message = (action: string, said: string, more: Partial<Evidence> = {}) => {
  const evidence = { found: OPTED_IN, identity: HANDLER, handler: HANDLER_ROLE, ...more };
  return describeDenial(denialOf(action, said), ROLE, evidence);
};
/** The role, which lacks something or has something more. */
const found = (more: object) => ({ found: { ...OPTED_IN, ...more } });
const ofSession = (more?: Partial<Evidence>, said = SAID) => message('sts:AssumeRole', said, more);
const ofCall = (more?: Partial<Evidence>, said = SAID) => message('ecs:PutAccountSetting', said, more);

const NO_SESSION = `sts:AssumeRole is denied on ${ROLE.arn}: `;
const NO_CALL = `ecs:PutAccountSetting is denied on ${ROLE.arn}: `;
const OPT_IN = 'Opt it in: npm run opt-in -- --role instances, or docs/opting-in.md.';
const ALLOW_THERE =
  'Allow ecs:ListAccountSettings, ecs:PutAccountSetting and ecs:DeleteAccountSetting there.';
const TAG = 'the tag ecs-role-trunking = managed';
const TRUST = 'a trust statement for the handler role Handler';

test.each<[string, Partial<Evidence>, string]>([
  ['the tag', found({ hasOptInTag: false }), TAG],
  ['the trust statement', found({ trustPolicy: trusting('arn:aws:iam::444455556666:root') }), TRUST],
  [
    'the trust statement, beside one with another condition',
    found({ trustPolicy: trusting(undefined, { Condition: { Bool: { 'aws:x': 'true' } } }) }),
    TRUST,
  ],
  ['both', found({ hasOptInTag: false, trustPolicy: '' }), `${TAG} and ${TRUST}`],
  [
    'the trust of a role that was deleted',
    found({ trustPolicy: trusting('AROAEXAMPLEID') }),
    `${TRUST} (its trust policy names AROAEXAMPLEID, a role that was deleted)`,
  ],
])('a role that lacks %s: the message names it, and the command', (_, evidence, missing) => {
  expect(ofSession(evidence)).toBe(`${NO_SESSION}the role lacks ${missing}. ${OPT_IN} Details: ${SAID}`);
});

test('a trust policy is not judged while it is not known who the handler is', () => {
  const unknown = { ...found({ hasOptInTag: false, trustPolicy: '' }), identity: undefined };
  expect(ofSession(unknown)).toContain(`the role lacks ${TAG}. `);
});

test('a trust statement without a condition needs no session name', () => {
  const trustPolicy = trusting(undefined, { Condition: undefined });
  expect(ofSession(found({ trustPolicy }))).toContain('the role has the tag and a trust statement');
});

test('a handler role outside of the path is named', () => {
  const arn = 'arn:aws:iam::111122223333:role/Handler';
  const handler = { ...HANDLER_ROLE, arn };
  expect(ofSession({ handler })).toBe(
    `${NO_SESSION}the role trusts roles under /ecs-role-trunking/, and the handler role is ${arn}. ` +
      `Register the type with the handler role of examples/register.yml. Details: ${SAID}`,
  );
  const trustPolicy = trusting(arn, { Condition: undefined });
  expect(ofSession({ handler, ...found({ trustPolicy }) })).toContain('so another policy denies it');
});

test('where nothing is missing, the message says what is left', () => {
  const left =
    'the conditions in the trust policy, service control policies and network perimeters. Details: ';
  const cause = `the role has the tag and ${TRUST}, so another policy denies it. Check the handler role's policies`;
  expect(ofSession()).toBe(`${NO_SESSION}${cause}, ${left}${SAID}`);
  expect(ofSession({ handler: { ...HANDLER_ROLE, boundary: 'Limits' } })).toBe(
    `${NO_SESSION}${cause} and permissions boundary (Limits), ${left}${SAID}`,
  );
  expect(ofSession({ handler: undefined })).toBe(`${NO_SESSION}${cause}, ${left}${SAID}`);
  expect(ofSession({ handler: undefined, identity: undefined })).toContain(
    'the role has the tag and a trust statement for the handler role, so another policy denies it',
  );
});

test('a denied call of the session is about the policies of the role, and its permissions boundary', () => {
  expect(ofCall()).toBe(`${NO_CALL}the policies of the role do not allow it. ${OPT_IN} Details: ${SAID}`);
  expect(ofCall(found({ boundary: 'Limits' }))).toBe(
    `${NO_CALL}the policies of the role, or its permissions boundary Limits, do not allow it. ${OPT_IN} Details: ${SAID}`,
  );
});

describe('where AWS names the type of policy, so does the message', () => {
  const no = (policy: string) => `${SAID} because no ${policy} allows the ecs:PutAccountSetting action`;
  const explicit = (policy: string) => `${SAID} with an explicit deny in ${policy}`;
  const exempt = 'Exempt sessions named EcsRoleTrunking from that denial.';

  test.each([
    [no('identity-based policy'), 'the policies of the role do not allow it', OPT_IN],
    [
      no('permissions boundary'),
      'the permissions boundary Limits of the role does not allow it',
      ALLOW_THERE,
    ],
    [no('service control policy'), 'a service control policy does not allow it', ALLOW_THERE],
    [explicit('an identity-based policy'), 'a policy of the role denies it', exempt],
    [explicit('a permissions boundary'), 'the permissions boundary Limits of the role denies it', exempt],
    [
      explicit('a service control policy: arn:aws:organizations::111122223333:policy/x'),
      'a service control policy denies it',
      exempt,
    ],
    [explicit('a VPC endpoint policy'), 'a VPC endpoint policy denies it', exempt],
  ])('%s', (said, cause, remedy) => {
    const text = ofCall(found({ boundary: 'Limits' }), said);
    expect(text).toBe(`${NO_CALL}${cause}. ${remedy} Details: ${said}`);
  });

  test('a boundary whose name IAM did not return has none', () => {
    expect(ofCall({}, no('permissions boundary'))).toContain(
      'the permissions boundary of the role does not allow it',
    );
  });

  test('for the handler role, its own policies and boundary count', () => {
    const handler = { ...HANDLER_ROLE, boundary: 'Limits' };
    const of = (said: string) => ofSession({ handler }, said).slice(NO_SESSION.length).split(' Details: ')[0];
    const who = 'the handler role Handler';
    expect(of(no('identity-based policy'))).toBe(
      `the policies of ${who} do not allow it. Give that role the policies of examples/roles.yml.`,
    );
    expect(of(no('permissions boundary'))).toBe(
      `the permissions boundary Limits of ${who} does not allow it. Allow sts:AssumeRole and iam:GetRole there.`,
    );
    expect(of(explicit('a service control policy'))).toBe(
      `a service control policy denies it. Exempt ${who} from that denial.`,
    );
  });

  test('but what is visibly missing comes first', () => {
    const text = ofSession(found({ hasOptInTag: false }), explicit('an identity-based policy'));
    expect(text).toContain(`the role lacks ${TAG}`);
  });
});

test('where IAM does not return the role, the message says so', () => {
  const late = ServiceError.withoutResponse('iam:GetRole', 'late');
  expect(ofSession({ found: late })).toBe(
    `${NO_SESSION}the cause is unknown, since iam:GetRole failed too (DeadlineExceeded). ` +
      `Allow the handler role iam:GetRole, or check the role: npm run opt-in -- --role instances --check. Details: ${SAID}`,
  );
});

test('cause and remedy are within what CloudFormation records, even for the longest names', () => {
  const longest = parseRoleArn(`arn:aws:iam::111122223333:role/${'p'.repeat(510)}/${'n'.repeat(64)}`);
  const trustPolicy = trusting('AROAEXAMPLEIDEXAMPLEID');
  const text = describeDenial(denialOf('sts:AssumeRole', SAID), longest, {
    ...found({ arn: longest.arn, hasOptInTag: false, trustPolicy }),
    identity: { ...HANDLER, name: 'h'.repeat(64) },
  });
  // 1,024 characters.
  expect(text.indexOf(' Details: ')).toBeLessThan(1_024);
});
