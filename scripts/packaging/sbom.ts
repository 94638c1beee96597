/** The bill of materials of a package: the npm packages whose code its handlers contain. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BundledPackage, bundledPackages } from './third-party-notices';

/**
 * A bill of materials in CycloneDX 1.5 (JSON). It has neither a time nor a serial number, so that the same source
 * gives the same text. `npm sbom` would list every installed package, used or not.
 *
 * @param name The package's, such as `acme-ecs-roletrunking`.
 * @param digest The SHA-256 of the package, in hexadecimal digits.
 * @throws CommandError where the handlers cannot be bundled.
 */
export async function billOfMaterials(project: string, name: string, digest: string): Promise<string> {
  const read = (file: string) => JSON.parse(readFileSync(join(project, file), 'utf8'));
  const { version } = read('package.json') as { version: string };
  const { packages: locked } = read('package-lock.json') as { packages: Record<string, Locked> };
  const packages = await bundledPackages(project);
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: { type: 'application', name, version, hashes: [{ alg: 'SHA-256', content: digest }] },
    },
    // Where node_modules is a link, esbuild names what it points to.
    components: packages.map((it) =>
      componentOf(it, locked[it.path.slice(it.path.indexOf('node_modules/'))]),
    ),
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

/** The part of a package's entry in package-lock.json that is used here. */
interface Locked {
  /** The digest of the archive in the registry: `sha512-` and base64. */
  readonly integrity?: string;
}

function componentOf({ name, version, license }: BundledPackage, locked: Locked | undefined) {
  const [base = '', scope] = name.split('/').reverse();
  // In a package URL, the @ of an npm scope is written as %40 (purl specification, "npm").
  const purl = `pkg:npm/${scope === undefined ? '' : `${scope.replace('@', '%40')}/`}${base}@${version}`;
  const digest = /^sha512-(.+)$/.exec(locked?.integrity ?? '')?.[1];
  return {
    type: 'library',
    'bom-ref': purl,
    ...(scope !== undefined && { group: scope }),
    name: base,
    version,
    purl,
    // An SPDX identifier has no spaces. A text with spaces is a name.
    licenses: [{ license: /\s/.test(license) ? { name: license } : { id: license } }],
    ...(digest !== undefined && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    }),
  };
}
