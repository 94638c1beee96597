/** Bundles what Lambda runs: one minified file with all its dependencies, and the licenses of what is in it. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BuildOptions, type BuildResult, build, type Plugin } from 'esbuild';
import { noDefaultCredentials } from 'resource-runtime/bundling';
import { CommandError } from '../command-line/command';

/** The function's name in template.yml, which `cfn submit` passes to the build command, and the package's folder. */
export const FUNCTION_NAME = 'TypeFunction';

const LIBRARY = '@amazon-web-services-cloudformation/cloudformation-cli-typescript-lib';

/**
 * The part of the library that the generated model needs, without the library's entry point and without version 2 of
 * the SDK. One of the files imports SDK v2 for a class that is not used here, so that import is empty.
 */
const libraryWithoutSdkV2: Plugin = {
  name: 'library-without-sdk-v2',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^${LIBRARY}$`) }, () => ({ path: LIBRARY, namespace: 'library' }));
    onLoad({ filter: /.*/, namespace: 'library' }, () => ({
      resolveDir: __dirname,
      contents: `
        export { BaseModel } from '${LIBRARY}/dist/interface.js';
        export { transformValue } from '${LIBRARY}/dist/recast.js';`,
    }));
    onResolve({ filter: /^aws-sdk\// }, ({ path }) => ({ path, namespace: 'sdk-v2' }));
    onLoad({ filter: /.*/, namespace: 'sdk-v2' }, () => ({ contents: '' }));
  },
};

/** Files next to the handlers in the package: the project's license, and the licenses of what is bundled. */
const LICENSE_FILES = ['LICENSE', 'THIRD-PARTY-NOTICES'] as const;

/**
 * Builds `build/TypeFunction` in a project's folder. The old package stays until the new one is ready.
 *
 * @param directory The project's folder, or a staged copy below it.
 * @param licenseFiles Files of the project that go into the package as they are.
 * @throws CommandError where the source cannot be bundled; esbuild has then printed the reason on stderr.
 */
export async function bundle(
  directory: string,
  licenseFiles: readonly string[] = LICENSE_FILES,
): Promise<void> {
  const target = join(directory, 'build', FUNCTION_NAME);
  const { outputFiles } = await bundled(directory);
  rmSync(target, { recursive: true, force: true });
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  for (const name of licenseFiles) {
    copyFileSync(join(directory, name), join(target, name));
  }
}

/** How code is bundled that Node runs without `node_modules`. */
export const MINIFIED = {
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  bundle: true,
  minify: true,
  // The packages' ES modules, which can be tree-shaken.
  mainFields: ['module', 'main'],
  legalComments: 'none',
} satisfies BuildOptions;

/** What {@link bundle} writes, and the files that it is made from. */
export function bundled(directory: string): Promise<BuildResult<{ write: false; metafile: true }>> {
  return build({
    absWorkingDir: directory,
    entryPoints: ['src/handlers.ts'],
    outfile: join(directory, 'build', FUNCTION_NAME, 'dist/handlers.js'),
    ...MINIFIED,
    plugins: [libraryWithoutSdkV2, noDefaultCredentials],
    metafile: true,
    write: false as const,
  }).catch(() => {
    throw new CommandError('The handlers cannot be bundled, see above. The package was not changed.');
  });
}
