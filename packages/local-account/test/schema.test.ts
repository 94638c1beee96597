import { identifierModel, identifierOf } from '../src/services/cloudformation/handlers/contract';

const schemaOf = (...names: string[]) => ({
  typeName: 'Initech::Memory::Note',
  primaryIdentifier: names.map((name) => `/properties/${name}`),
});

test('an identifier of one property can contain the separator', () => {
  const schema = schemaOf('RoleArn');
  const model = { RoleArn: 'arn:aws:iam::111122223333:role/a|b/n' };
  expect(identifierOf(schema, model)).toBe(model.RoleArn);
  expect(identifierModel(schema, model.RoleArn)).toEqual(model);
});

test('an identifier of several properties is their values, joined by |', () => {
  const schema = schemaOf('Shelf', 'Name');
  const model = { Shelf: 'kitchen', Name: '7' };
  expect(identifierOf(schema, model)).toBe('kitchen|7');
  expect(identifierModel(schema, 'kitchen|7')).toEqual(model);
});

test.each([[{}], [{ Name: null }], [undefined], [null]])('%j has no identifier', (model) => {
  expect(identifierOf(schemaOf('Name'), model)).toBeUndefined();
});
