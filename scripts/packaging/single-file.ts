/** The commands for users, `doctor` and `opt-in`, in one file that needs Node and nothing else. */
import { build } from 'esbuild';
import { CommandError } from '../command-line/command';
import { MINIFIED } from './bundle';
import { noticesFor } from './third-party-notices';

/** The file's name in a release, and in the messages of its commands. */
export const SINGLE_FILE = 'ecs-role-trunking.mjs';

/** CommonJS in an ES module. */
const REQUIRE =
  "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

/**
 * Bundles `scripts/single-file.ts` with all its dependencies. The licenses of what is in it stand at the end of the
 * file, so that they go where it goes.
 *
 * @param project The project's folder.
 * @throws CommandError where it cannot be bundled; esbuild has then printed the reason on stderr.
 */
export async function singleFile(project: string): Promise<string> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: project,
    entryPoints: ['scripts/single-file.ts'],
    outfile: SINGLE_FILE,
    ...MINIFIED,
    // Not an ES module's imports, which are resolved before the check of Node's version can run.
    format: 'cjs',
    // How its own messages name it: scripts/command-line/invocation.ts.
    define: { SINGLE_FILE: JSON.stringify(SINGLE_FILE) },
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
    metafile: true,
    write: false,
  }).catch(() => {
    throw new CommandError(`${SINGLE_FILE} cannot be bundled, see above.`);
  });
  const [{ text } = { text: '' }] = outputFiles;
  const notices = noticesFor(project, SINGLE_FILE, metafile).replaceAll('*/', '* /');
  return `${text}/*\n${notices}*/\n`;
}
