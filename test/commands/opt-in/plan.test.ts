import { documentsFor, type JsonObject } from '../../../scripts/opt-in/documents';
import {
  type Change,
  planOptIn,
  planUndo,
  type RoleState,
  trustsAccount,
} from '../../../scripts/opt-in/plan';
import { showChange } from '../../../scripts/opt-in/show';

/* What opting in and out would change, in-process. command.test.ts makes the changes. */

const ARN = 'arn:aws:iam::111122223333:role/instances';
const documents = documentsFor(ARN);
const { tag, statement, policy } = documents;
const EC2 = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
const DENY = { Sid: 'NoStrangers', Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' };

function role(
  state: { statements?: JsonObject | JsonObject[]; tags?: [string, string][]; policy?: JsonObject } = {},
): RoleState {
  const { statements = [EC2], tags = [], policy: own } = state;
  const trustPolicy = { Version: '2012-10-17', Id: 'kept', Statement: statements };
  return { name: 'instances', arn: ARN, tags: new Map(tags), trustPolicy, policy: own };
}

const optedIn = role({ statements: [EC2, statement], tags: [[tag.key, tag.value]], policy });

/** The statements of the trust policy afterwards. */
const statementsAfter = (changes: Change[]) =>
  changes
    .filter(({ part }) => part === 'trust policy')
    .map(({ after }) => (after as { Statement: JsonObject[] }).Statement);

describe('opting in', () => {
  test('changes all three: the policy that limits the sessions first, the tag last', () => {
    const changes = planOptIn(role(), documents);
    expect(changes.map(({ part }) => part)).toEqual(['inline policy', 'trust policy', 'tag']);
    expect(changes.map(({ after }) => after)).toEqual([
      policy,
      { Version: '2012-10-17', Id: 'kept', Statement: [EC2, statement] },
      'managed',
    ]);
  });

  test('changes nothing where everything is in place', () => {
    expect(planOptIn(optedIn, documents)).toEqual([]);
  });

  const { Sid: _sid, ...withoutSid } = statement;
  const wider = { ...statement, Condition: {} };

  test('recognizes the statement of version 1.0.0, which had no Sid', () => {
    expect(planOptIn({ ...optedIn, trustPolicy: { Statement: [withoutSid, EC2] } }, documents)).toEqual([]);
  });

  test.each<[string, JsonObject | JsonObject[], JsonObject[]]>([
    ['keeps the other statements, in their order', [DENY, EC2], [DENY, EC2, statement]],
    ['accepts a policy whose statement is not in a list', EC2, [EC2, statement]],
    ['replaces only a different statement with its Sid, in the same place', [wider, EC2], [statement, EC2]],
    [
      'replaces a statement of its Sid that differs even beside the right statement',
      [withoutSid, wider, EC2],
      [withoutSid, statement, EC2],
    ],
  ])('%s', (_, statements, after) => {
    expect(statementsAfter(planOptIn(role({ statements }), documents))).toEqual([after]);
  });

  test('finds its tag whatever the case of the key, as IAM does', () => {
    const state = { ...optedIn, tags: new Map([['ECS-Role-Trunking', 'managed']]) };
    expect(planOptIn(state, documents)).toEqual([]);
    expect(planUndo(state, documents).map(({ part }) => part)).toContain('tag');
  });

  test('replaces a different policy with its name, and a different value of its tag', () => {
    const state = { ...optedIn, tags: new Map([[tag.key, 'no']]), policy: { Statement: [] } };
    expect(planOptIn(state, documents)).toEqual([
      { part: 'inline policy', before: { Statement: [] }, after: policy },
      { part: 'tag', before: 'no', after: 'managed' },
    ]);
  });
});

describe('a role trusts its whole account', () => {
  const ROOT = { ...EC2, Principal: { AWS: 'arn:aws:iam::111122223333:root' } };

  test.each<[string, JsonObject]>([
    ['by the ARN of its root', ROOT],
    ['by its ID', { ...ROOT, Principal: { AWS: ['444455556666', '111122223333'] } }],
    ['by a wildcard', { ...ROOT, Principal: '*' }],
    ['for more actions', { ...ROOT, Action: ['sts:TagSession', 'STS:Assume*'] }],
    ['with an empty condition', { ...ROOT, Condition: {} }],
  ])('%s', (_, other) => {
    expect(trustsAccount(role({ statements: [EC2, statement, other] }))).toBe(true);
  });

  test.each<[string, JsonObject]>([
    ['under a condition', statement],
    ['to do something else', { ...ROOT, Action: 'sts:TagSession' }],
    ['in another account', { ...ROOT, Principal: { AWS: 'arn:aws:iam::444455556666:root' } }],
    ['as a single role', { ...ROOT, Principal: { AWS: 'arn:aws:iam::111122223333:role/root' } }],
    ['in a denial', DENY],
  ])('but not %s', (_, other) => {
    expect(trustsAccount(role({ statements: [EC2, other] }))).toBe(false);
  });
});

describe('undoing', () => {
  test('removes all three, the tag first', () => {
    expect(planUndo(optedIn, documents)).toEqual([
      { part: 'tag', before: 'managed', after: undefined },
      {
        part: 'trust policy',
        before: optedIn.trustPolicy,
        after: { Version: '2012-10-17', Id: 'kept', Statement: [EC2] },
      },
      { part: 'inline policy', before: policy, after: undefined },
    ]);
  });

  test('changes nothing where the role is not opted in', () => {
    expect(planUndo(role(), documents)).toEqual([]);
  });

  test('leaves a tag with another value and every other statement', () => {
    const state = role({ statements: [DENY, statement, EC2], tags: [[tag.key, 'theirs']] });
    const changes = planUndo(state, documents);
    expect(changes.map(({ part }) => part)).toEqual(['trust policy']);
    expect(statementsAfter(changes)).toEqual([[DENY, EC2]]);
  });

  test('is refused where no statement would be left', () => {
    expect(() => planUndo(role({ statements: [statement] }), documents)).toThrow(
      /no other statement.*Nothing was changed/,
    );
  });
});

test('a change is shown line by line, with the unchanged lines around it', () => {
  const [, trust] = planOptIn(role(), documents);
  const shown = showChange(trust as Change);
  expect(shown).toMatch(/^Trust policy\n {2}\{/);
  expect(shown).toMatch(/^\+ .*"Sid": "EcsRoleTrunking"/m);
  expect(shown).toMatch(/^ {2} .*"ec2.amazonaws.com"/m);
  const tagChange = (before: string, after?: string) => showChange({ part: 'tag', before, after });
  expect(tagChange('no', 'managed')).toBe('Tag ecs-role-trunking\n- no\n+ managed');
  expect(tagChange('managed')).toBe('Tag ecs-role-trunking\n- managed');
});
