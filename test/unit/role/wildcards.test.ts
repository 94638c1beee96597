import { matchesWildcards } from '../../../src/role/wildcards';

test.each([
  ['', ''],
  ['*', ''],
  ['*', 'anything'],
  ['abc', 'abc'],
  ['a?c', 'abc'],
  ['a*c', 'ac'],
  ['a*c', 'abbbc'],
  ['*c', 'abcbc'],
  ['a*b*c', 'aXbYbZc'],
  ['abc***', 'abc'],
  ['*?', 'x'],
])('%j matches %j', (pattern, text) => {
  expect(matchesWildcards(pattern, text)).toBe(true);
});

test.each([
  ['', 'a'],
  ['?', ''],
  ['abc', 'ab'],
  ['ab', 'abc'],
  ['a?c', 'ac'],
  ['*b', 'abc'],
  ['a*c', 'abcd'],
  ['*a*b', 'bbba'],
  ['abc?', 'abc'],
  ['a.c', 'abc'],
])('%j does not match %j', (pattern, text) => {
  expect(matchesWildcards(pattern, text)).toBe(false);
});
