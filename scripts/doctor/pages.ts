/** How remedies name the steps of a page: users of the single file follow another page than those of a clone. */

/** Defined in the single file only, as in scripts/command-line/invocation.ts. */
declare const SINGLE_FILE: string | undefined;

const isSingleFile = typeof SINGLE_FILE === 'string';

/** The steps of the README, or of docs/from-a-release.md. */
export const STEPS = isSingleFile
  ? { register: 'docs/from-a-release.md, step 3', declare: 'docs/from-a-release.md, step 4' }
  : { register: 'README, step 2', declare: 'README, step 3' };

/** Where the pages are that the report names, and what they say about its texts. */
export const HEADINGS = `Each text is a heading in docs/doctor.md.${
  isSingleFile ? ' Pages and examples are in the -examples.zip of the release.' : ''
}`;
