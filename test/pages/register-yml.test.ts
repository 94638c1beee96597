import { testSections } from './page-runner';
import { WITH_REGISTER_YML } from './sections';

/* The pages, beginning with the README, as a user follows them who registers the type with examples/register.yml. */

testSections(WITH_REGISTER_YML);
