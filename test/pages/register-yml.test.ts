import { WITH_REGISTER_YML } from './chapters';
import { Walk } from './walk';

/* The pages, beginning with the README, as a user follows them who registers the type with examples/register.yml. */

jest.setTimeout(900_000);

let user: Walk;

beforeAll(async () => {
  user = await Walk.start('us-east-1');
});
afterAll(() => user.end());

test.each(WITH_REGISTER_YML.map((chapter) => [chapter.page, chapter.section, chapter] as const))(
  'every command of %s, "%s", does what the page says',
  async (_page, _section, chapter) => {
    expect(await user.take(chapter)).toEqual([]);
  },
);
