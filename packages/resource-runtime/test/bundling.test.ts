import { build } from 'esbuild';
import { noDefaultCredentials } from '../src/bundling';

test("a bundle has an error in place of the SDK's search for credentials, and every other module", async () => {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `
        export { defaultProvider } from '@aws-sdk/credential-provider-node';
        export { isText } from './src/protocol/fields';`,
      resolveDir: `${__dirname}/..`,
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    plugins: [noDefaultCredentials],
    metafile: true,
    write: false,
  });
  type Exports = { defaultProvider?(): () => Promise<unknown>; isText?(it: unknown): boolean };
  const bundled: { exports: Exports } = { exports: {} };
  new Function('module', outputFiles[0]?.text ?? '')(bundled);
  const { defaultProvider, isText } = bundled.exports;
  await expect(defaultProvider?.()()).rejects.toThrow('This client was given no credentials.');
  expect(isText?.('x')).toBe(true);
  expect(Object.keys(metafile.inputs).filter((path) => path.includes('node_modules'))).toEqual([]);
});
