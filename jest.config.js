/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  // Tests wait for processes of their own most of the time; by default, jest would leave one core idle.
  maxWorkers: '100%',
  testMatch: ['<rootDir>/{test,packages/*/test}/**/*.test.ts'],
  testSequencer: '<rootDir>/test/slow-first.js',
  // Staged copies of the repository lie in build/.
  modulePathIgnorePatterns: ['<rootDir>/build/'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, useDefineForClassFields: false },
          target: 'es2022',
        },
      },
    ],
  },
  // Unit tests load the library itself, which asks for version 2 of the SDK and makes no use of it here.
  moduleNameMapper: { '^aws-sdk/': '<rootDir>/test/unit/no-sdk-v2.js' },
  // No test depends on this limit. It ends what hangs, on any machine.
  testTimeout: 900_000,
};
