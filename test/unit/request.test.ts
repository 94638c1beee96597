import { FIRST_INVOCATION } from '../../src/callback-context';
import { parseEnvelope, parseInput } from '../../src/request';

/* What a request asks for, read without a wire. */

const ARN = 'arn:aws:iam::111122223333:role/instances';
const OTHER = 'arn:aws:iam::111122223333:role/other';
const FOREIGN = 'arn:aws:iam::444455556666:role/instances';
const SERVICE_LINKED =
  'arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS';

function inputOf(
  action: string,
  resourceProperties: unknown,
  previousResourceProperties?: unknown,
  callbackContext?: unknown,
) {
  const event = {
    action,
    awsAccountId: '111122223333',
    region: 'us-east-1',
    callbackContext,
    requestData: { resourceProperties, previousResourceProperties },
  };
  return parseInput(parseEnvelope(event));
}

const failing = (errorCode: string, message: RegExp) =>
  expect.objectContaining({ errorCode, message: expect.stringMatching(message) });

describe('properties of a newer version of the type', () => {
  const newer = { RoleArn: ARN, Trunking: 'enabled', SomethingNew: 1 };

  test.each(['CREATE', 'UPDATE', 'LIST'])('are refused in what %s asks for', (action) => {
    expect(() => inputOf(action, newer)).toThrow(failing('InvalidRequest', /RoleArn and Trunking only/));
  });

  test.each(['READ', 'DELETE'])(
    'are ignored by %s, and so is a value that this version does not know',
    (action) => {
      expect(inputOf(action, { ...newer, Trunking: 'sometimes' })).toMatchObject({ role: { arn: ARN } });
    },
  );

  test('are ignored in the previous properties of UPDATE', () => {
    expect(inputOf('UPDATE', { RoleArn: ARN }, newer)).toMatchObject({
      desired: { role: { arn: ARN }, trunking: 'enabled' },
    });
  });

  test('are ignored in a callback context', () => {
    const input = inputOf('DELETE', { RoleArn: ARN }, undefined, { denials: 2, somethingNew: true });
    expect(input).toMatchObject({ context: { ...FIRST_INVOCATION, denials: 2 } });
  });
});

describe('an update to another role is NotUpdatable', () => {
  test.each([
    ['of the account', OTHER],
    ['of another account', FOREIGN],
    ['that is service-linked', SERVICE_LINKED],
  ])('%s', (_, RoleArn) => {
    const changed = () => inputOf('UPDATE', { RoleArn }, { RoleArn: ARN });
    expect(changed).toThrow(failing('NotUpdatable', new RegExp(`from "${ARN}" to ${RoleArn}`)));
  });

  test('from anything', () => {
    expect(() => inputOf('UPDATE', { RoleArn: ARN }, { RoleArn: ['x'] })).toThrow(
      failing('NotUpdatable', /from a list, not a string/),
    );
  });
});

test.each(['CREATE', 'READ', 'UPDATE', 'DELETE'])(
  '%s of a role that cannot be managed is InvalidRequest',
  (action) => {
    expect(() => inputOf(action, { RoleArn: FOREIGN })).toThrow(
      failing('InvalidRequest', /a role of account 444455556666, but this stack is in 111122223333/),
    );
    expect(() => inputOf(action, { RoleArn: SERVICE_LINKED })).toThrow(
      failing('InvalidRequest', /only its service can assume/),
    );
  },
);

test.each([FOREIGN, SERVICE_LINKED])('a list that is limited to %s has nothing in it', (RoleArn) => {
  expect(inputOf('LIST', { RoleArn })).toMatchObject({ filter: 'nothing' });
});

test('a list that is limited to something else than a role is InvalidRequest', () => {
  expect(() => inputOf('LIST', { RoleArn: 'instances' })).toThrow(
    failing('InvalidRequest', /must be the ARN/),
  );
});
