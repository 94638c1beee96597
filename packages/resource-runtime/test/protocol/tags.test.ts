import { allTags, changedTags } from '../../src/protocol/tags';

const TAGS = { stack: { team: 'blue', stage: 'test' }, system: { 'aws:cloudformation:stack-name': 's' } };

test('a resource has the tags of the stack and its own, which win', () => {
  expect(allTags({ stage: 'live' }, TAGS)).toEqual({
    'aws:cloudformation:stack-name': 's',
    team: 'blue',
    stage: 'live',
  });
  expect(allTags({}, { ...TAGS, system: {} })).toEqual(TAGS.stack);
});

test('an update sets what is new or different, removes what was there, and touches no other tag', () => {
  expect(changedTags({ a: '1', b: '2', c: '3' }, { a: '1', b: 'two', d: '4' })).toEqual({
    set: { b: 'two', d: '4' },
    removed: ['c'],
  });
});

test('a key can have the name of a member that every object has', () => {
  expect(changedTags({ constructor: '1', toString: '2' }, { toString: '3' })).toEqual({
    set: { toString: '3' },
    removed: ['constructor'],
  });
  expect(changedTags({}, { valueOf: '1' }).set).toEqual({ valueOf: '1' });
});
