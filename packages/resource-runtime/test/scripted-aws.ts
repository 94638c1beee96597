/** AWS for the tests of a file that imports this, with answers that each test writes. */
import { ScriptedAws } from '../src/testing/scripted-aws';

export let aws: ScriptedAws;

beforeAll(async () => {
  aws = await ScriptedAws.start();
});

beforeEach(() => aws.reset());

afterAll(() => aws.close());
