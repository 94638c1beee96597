/** `npm run notices`: brings THIRD-PARTY-NOTICES up to date with what is bundled. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command-line/command';
import { thirdPartyNotices } from './packaging/third-party-notices';

const ROOT = join(__dirname, '..');

const NOTICES = {
  name: 'notices',
  summary:
    'Writes THIRD-PARTY-NOTICES: the licenses and copyright lines of the packages that are bundled with the handlers.',
} as const;

void runCommand(NOTICES, async () => {
  writeFileSync(join(ROOT, 'THIRD-PARTY-NOTICES'), await thirdPartyNotices(ROOT));
  return 0;
});
