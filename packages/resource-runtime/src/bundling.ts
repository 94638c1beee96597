import type { Plugin } from 'esbuild';

/**
 * A plugin for esbuild that leaves out the SDK's search for credentials in the environment, in files and in metadata
 * services. Every client gets the credentials of the request, so a request without credentials cannot run as anything
 * else, and the bundle is smaller.
 */
export const noDefaultCredentials: Plugin = {
  name: 'no-default-credentials',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path }) => ({
      path,
      namespace: 'no-default-credentials',
    }));
    onLoad({ filter: /.*/, namespace: 'no-default-credentials' }, () => ({
      contents: `export const defaultProvider = () => async () => {
        throw new Error('This client was given no credentials.');
      };`,
    }));
  },
};
