const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Folders whose tests start programs, which take longest. Without times of an earlier run, as in CI, jest starts large
 * files first; small files that are slow would start last, on one core alone.
 */
const SLOW = /\/test\/(faults|pages|commands)\//;

/** Starts the slow folders first, and within each group keeps jest's own order. */
module.exports = class SlowFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => (SLOW.test(path) ? 0 : 1);
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
};
