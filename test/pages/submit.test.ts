import { WITH_SUBMIT } from './chapters';
import { Walk } from './walk';

/* The pages, as a user follows them who registers the type with `npm run submit`. */

jest.setTimeout(900_000);

let user: Walk;

beforeAll(async () => {
  user = await Walk.start('us-east-1');
});
afterAll(() => user.end());

test.each(WITH_SUBMIT.map((chapter) => [chapter.page, chapter.section, chapter] as const))(
  'every command of %s, "%s", does what the page says',
  async (_page, _section, chapter) => {
    expect(await user.take(chapter)).toEqual([]);
  },
);
