/** The unit tests alone, for `npm run mutants`. @type {import('jest').Config} */
module.exports = {
  ...require('../../jest.config.js'),
  rootDir: '../..',
  testMatch: ['<rootDir>/{test/unit,packages/resource-runtime/test}/**/*.test.ts'],
  // A change that makes a test hang must not take 15 minutes to be noticed; the longest test takes seconds where the
  // machine is busy.
  testTimeout: 15_000,
};
