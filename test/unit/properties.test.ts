import { parseEnvelope } from 'resource-runtime/testing';
import { parseDesired, parseFilter, parseIdentifier } from '../../src/properties';

const ARN = 'arn:aws:iam::111122223333:role/instances';
const OTHER = 'arn:aws:iam::111122223333:role/other';
const FOREIGN = 'arn:aws:iam::444455556666:role/instances';
const SERVICE_LINKED =
  'arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS';

/** A request's properties as the type reads them. */
function parsed(action: string, resourceProperties: unknown, previousResourceProperties?: unknown) {
  const requestData = { resourceProperties, previousResourceProperties };
  const event = { action, awsAccountId: '111122223333', region: 'us-east-1', requestData };
  const envelope = parseEnvelope(event, 'Custom::Ecs::RoleTrunking');
  switch (action) {
    case 'CREATE':
    case 'UPDATE':
      return parseDesired(envelope.properties, envelope);
    case 'LIST':
      return parseFilter(envelope.properties, envelope);
    default:
      return parseIdentifier(envelope.properties, envelope);
  }
}

const failing = (errorCode: string, message: RegExp) =>
  expect.objectContaining({ errorCode, message: expect.stringMatching(message) });

describe('properties of a newer version of the type', () => {
  const newer = { RoleArn: ARN, Trunking: 'enabled', SomethingNew: 1 };

  test.each(['CREATE', 'UPDATE', 'LIST'])('are refused by %s', (action) => {
    expect(() => parsed(action, newer)).toThrow(
      failing('InvalidRequest', /^The properties are RoleArn and Trunking; "SomethingNew" is not one/),
    );
  });

  test.each(['READ', 'DELETE'])('are ignored by %s, and so are values of a newer version', (action) => {
    expect(parsed(action, { ...newer, Trunking: 'sometimes' })).toMatchObject({ role: { arn: ARN } });
  });

  test('are ignored in the previous properties of UPDATE', () => {
    const desired = { role: { arn: ARN }, trunking: 'enabled' };
    expect(parsed('UPDATE', { RoleArn: ARN }, newer)).toMatchObject(desired);
  });
});

describe('an update to another role is NotUpdatable', () => {
  test.each([
    ['of the account', OTHER],
    ['of another account', FOREIGN],
    ['that is service-linked', SERVICE_LINKED],
  ])('%s', (_, RoleArn) => {
    const changed = () => parsed('UPDATE', { RoleArn }, { RoleArn: ARN });
    expect(changed).toThrow(failing('NotUpdatable', new RegExp(`from "${ARN}" to ${RoleArn}`)));
  });

  test('from a value that is not an ARN', () => {
    expect(() => parsed('UPDATE', { RoleArn: ARN }, { RoleArn: ['x'] })).toThrow(
      failing('NotUpdatable', /from a value that is not a string/),
    );
  });
});

test.each(['CREATE', 'READ', 'UPDATE', 'DELETE'])(
  '%s of a role that cannot be managed is InvalidRequest',
  (action) => {
    expect(() => parsed(action, { RoleArn: FOREIGN })).toThrow(
      failing(
        'InvalidRequest',
        /a role of account 444455556666, but this stack is in 111122223333\. Declare the resource in a stack of the account/,
      ),
    );
    expect(() => parsed(action, { RoleArn: SERVICE_LINKED })).toThrow(
      failing('InvalidRequest', /only its service can assume/),
    );
  },
);

test.each([FOREIGN, SERVICE_LINKED])('a list that is limited to %s is empty', (RoleArn) => {
  expect(parsed('LIST', { RoleArn })).toBe('nothing');
});

test('a list that is limited to a value that is not a role is InvalidRequest', () => {
  const list = () => parsed('LIST', { RoleArn: 'instances' });
  expect(list).toThrow(failing('InvalidRequest', /must be the ARN/));
});

test('a list without properties covers every role and every value', () => {
  expect(parsed('LIST', undefined)).toEqual({});
  expect(parsed('LIST', { RoleArn: null, Trunking: null })).toEqual({});
  expect(parsed('LIST', { Trunking: 'disabled' })).toEqual({ trunking: 'disabled' });
  expect(parsed('LIST', { RoleArn: ARN })).toMatchObject({ role: { arn: ARN } });
});

test('the value is enabled by default, and must be enabled or disabled', () => {
  expect(parsed('CREATE', { RoleArn: ARN })).toMatchObject({ trunking: 'enabled' });
  expect(parsed('CREATE', { RoleArn: ARN, Trunking: 'disabled' })).toMatchObject({ trunking: 'disabled' });
  expect(() => parsed('CREATE', { RoleArn: ARN, Trunking: 'on' })).toThrow(
    failing('InvalidRequest', /enabled or disabled/),
  );
});
