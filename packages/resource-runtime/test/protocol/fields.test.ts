import { fieldsOf, isPresent, optionalFieldsOf, quote } from '../../src/protocol/fields';

test('keys that every JavaScript object has are fields like any other', () => {
  const fields = fieldsOf(JSON.parse('{"__proto__": 1, "constructor": 2}'), 'The event');
  expect([...fields]).toEqual([
    ['__proto__', 1],
    ['constructor', 2],
  ]);
  expect(fieldsOf({}, 'The event').get('toString')).toBeUndefined();
});

test('an object that is left out is empty, a value of another type is refused', () => {
  expect(optionalFieldsOf(undefined, 'properties').size).toBe(0);
  expect(optionalFieldsOf(null, 'properties').size).toBe(0);
  expect(optionalFieldsOf({ a: 1 }, 'properties').get('a')).toBe(1);
  expect(() => optionalFieldsOf('', 'properties')).toThrow('properties must be an object.');
});

test('null and undefined are not present, everything else is', () => {
  expect([undefined, null, 0, '', false].map(isPresent)).toEqual([false, false, true, true, true]);
});

test.each([
  ['text', '"text"'],
  ['line\nbreak', '"line\\nbreak"'],
  [undefined, 'missing'],
  [null, 'missing'],
  [[], 'a value that is not a string'],
  [7, 'a value that is not a string'],
  ['x'.repeat(701), '701 characters long'],
  ['x'.repeat(700), `"${'x'.repeat(700)}"`],
])('%p is quoted as %s', (value, text) => {
  expect(quote(value)).toBe(text);
});
