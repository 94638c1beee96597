/** What tests of the account, and tests that use it, share: a small resource type, and answers that are no answers. */
export { EMPTY, HALF, OTHER_MEMBERS, WEB_PAGE } from './garbled-answers';
export { NOTE, NOTE_PACKAGE, notePackage, registerNote, rpdkConfig, zip } from './note-type';
