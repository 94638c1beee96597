import { testSections } from './page-runner';
import { WITH_SUBMIT } from './sections';

/* The pages, as a user follows them who registers the type with `npm run submit`. */

testSections(WITH_SUBMIT);
