import { toModel } from '../../src/resource';
import { parseRoleArn } from '../../src/role/role-arn';

const role = parseRoleArn('arn:aws:iam::111122223333:role/instances');

test('a model has the names of the schema, and is a plain object', () => {
  const model = toModel({ role, trunking: 'disabled' });
  expect(model).toEqual({ RoleArn: role.arn, Trunking: 'disabled' });
  expect(Object.getPrototypeOf(model)).toBe(Object.prototype);
});

test('the model of an identifier has no value', () => {
  expect(Object.keys(toModel({ role }))).toEqual(['RoleArn']);
});
