/**
 * Ends the process, with one sentence, if package.json does not allow this version of Node (`engines`). Every command loads
 * this first, before what an older Node cannot even parse.
 */
const { engines } = require('../package.json');

const here = process.versions.node;

/** A version as a number that can be compared: `20.19.0` is 20019000. */
function numberOf(version) {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return (major * 1000 + minor) * 1000 + patch;
}

/** @param range Such as `^20.19.0`, which allows no later major version, or `>=24`. */
function isIn(range) {
  const first = range.replace(/^\D+/, '');
  const isSameMajor = here.split('.')[0] === first.split('.')[0];
  return numberOf(here) >= numberOf(first) && (isSameMajor || range.startsWith('>='));
}

const ranges = engines.node.split(' || ');
if (!ranges.some(isIn)) {
  console.error(`This is Node ${here}, and Node ${ranges.join(' or ')} is needed.`);
  process.exit(1);
}
