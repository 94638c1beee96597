/**
 * Writes what Lambda runs into build/TypeFunction: one file, minified, without a dependency beside it.
 * `cfn submit` calls this with the function's name, which is the folder's.
 */
import { rmSync } from 'node:fs';
import { build, type Plugin } from 'esbuild';

const PACKAGE = 'build/TypeFunction';
const LIBRARY = '@amazon-web-services-cloudformation/cloudformation-cli-typescript-lib';

/**
 * The library without its entry point, and so without version 2 of the SDK. What is taken of it (models,
 * exceptions, progress events) needs neither; one of its files names SDK v2 all the same, for a class that
 * is not used here.
 */
const libraryWithoutSdkV2: Plugin = {
  name: 'library-without-sdk-v2',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^${LIBRARY}$`) }, () => ({ path: LIBRARY, namespace: 'library' }));
    onLoad({ filter: /.*/, namespace: 'library' }, () => ({
      resolveDir: __dirname,
      contents: `
        export * from '${LIBRARY}/dist/interface.js';
        export * as exceptions from '${LIBRARY}/dist/exceptions.js';
        export { ProgressEvent } from '${LIBRARY}/dist/proxy.js';
        export { transformValue } from '${LIBRARY}/dist/recast.js';`,
    }));
    onResolve({ filter: /^aws-sdk\// }, ({ path }) => ({ path, namespace: 'sdk-v2' }));
    onLoad({ filter: /.*/, namespace: 'sdk-v2' }, () => ({ contents: '' }));
  },
};

/**
 * The SDK's search for credentials, in the environment, files and metadata services, is left out: every
 * client is given the request's, so there is nothing that a request without any could run as.
 */
const noDefaultCredentials: Plugin = {
  name: 'no-default-credentials',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path }) => ({
      path,
      namespace: 'none',
    }));
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({
      contents: `export const defaultProvider = () => async () => {
        throw new Error('This client was given no credentials.');
      };`,
    }));
  },
};

rmSync(PACKAGE, { recursive: true, force: true });
void build({
  entryPoints: ['src/handlers.ts'],
  outfile: `${PACKAGE}/dist/handlers.js`,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  bundle: true,
  minify: true,
  // The packages' ES modules, which can be tree-shaken.
  mainFields: ['module', 'main'],
  legalComments: 'none',
  plugins: [libraryWithoutSdkV2, noDefaultCredentials],
});
