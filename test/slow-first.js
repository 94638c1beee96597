const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * The files that take longest, in that order. Without times of an earlier run, as in CI, jest starts large files first;
 * small files that are slow would start last, on one core alone.
 */
const SLOW = [
  'pages/register-yml',
  'faults/faults',
  'acceptance',
  'pages/submit',
  'submit',
  'package',
  'aws-cli',
  'commands',
  'registry',
  'opt-in/command',
  'contract',
  'second-type',
].map((name) => require.resolve(`./${name}.test.ts`));

/** Starts the slow files first, and then the others in jest's own order. */
module.exports = class SlowFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => (SLOW.includes(path) ? SLOW.indexOf(path) : SLOW.length);
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
};
