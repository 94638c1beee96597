/** What tests of the account, and tests that use it, share: a small resource type, and answers that are no answers. */
export * from './garbled-answers';
export * from './note-type';
