/**
 * Writes instance-types.json from a copy of `pkg/aws/vpc/limits.go` of aws/amazon-vpc-resource-controller-k8s
 * (Apache-2.0), where EC2's limits of branch network interfaces are published; no API returns them.
 *
 *     npx tsx scripts/doctor/data/renew.ts limits.go
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE =
  'https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/pkg/aws/vpc/limits.go (Apache-2.0)';

const TYPE = /^\t"([\w-]+)\.([\w-]+)": \{$([\s\S]*?)^\t\},$/gm;

/**
 * The file's content, from Go source.
 *
 * @throws Error if the source has no date or no types, so that a changed format is noticed.
 */
export function fromLimits(go: string): string {
  const generated = /generated at (\d{4}-\d\d-\d\d)/.exec(go)?.[1];
  const families = new Map<string, string[]>();
  for (const [, family = '', size = '', fields = ''] of go.matchAll(TYPE)) {
    const interfaces = field(fields, 'Interface');
    // The limit of a type that cannot have a trunk is not used.
    const branches = /IsTrunkingCompatible: +true/.test(fields) ? field(fields, 'BranchInterface') : 0;
    families.set(family, [...(families.get(family) ?? []), `${size} ${interfaces} ${branches}`]);
  }
  if (generated === undefined || families.size === 0) {
    throw new Error('This is not limits.go, or its format has changed.');
  }
  const alike = new Map<string, string[]>();
  for (const family of [...families.keys()].sort()) {
    const sizes = families.get(family)?.join(', ') ?? '';
    alike.set(sizes, [...(alike.get(sizes) ?? []), family]);
  }
  const bySizes = Object.fromEntries([...alike].map(([sizes, names]) => [names.join(', '), sizes]));
  return `${JSON.stringify({ source: SOURCE, generated, families: bySizes }, undefined, 2)}\n`;
}

function field(fields: string, name: string): number {
  const value = new RegExp(`^\\t\\t${name}: +(\\d+),$`, 'm').exec(fields)?.[1];
  if (value === undefined) {
    throw new Error(`A type has no ${name}: the format of limits.go has changed.`);
  }
  return Number(value);
}

if (process.argv[1] === __filename) {
  const [, , path = 'limits.go'] = process.argv;
  writeFileSync(join(__dirname, 'instance-types.json'), fromLimits(readFileSync(path, 'utf8')));
}
