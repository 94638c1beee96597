import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { families, generated } from '../../../scripts/doctor/data/instance-types.json';
import { fromLimits } from '../../../scripts/doctor/data/renew';
import { isUnsupportedInGuide, roomOf, typesIn } from '../../../scripts/doctor/instance-types';
import guide from './ecs-guide-2023.json';

/* How many tasks an instance type has room for, against the figures of the ECS developer guide of 2023. */

/** The guide's figures by type: tasks without a trunk, and with one. */
const GUIDE = typesIn(guide.families);

/** Interfaces and branch interfaces, as EC2 limits them. */
const EC2 = typesIn(families);

/** The types that can have a trunk. */
const POSSIBLE = [...EC2.keys()].filter((type) => roomOf(type)?.canHaveTrunk);

test("branch interfaces + interfaces - 2 is the guide's figure for 418 of the 421 types in both, as docs/doctor.md says", () => {
  const both = [...GUIDE.keys()].filter((type) => (EC2.get(type)?.[1] ?? 0) > 0);
  const different = both.filter((type) => {
    const [interfaces, branches] = EC2.get(type) ?? [0, 0];
    return branches + interfaces - 2 !== GUIDE.get(type)?.[1];
  });
  expect(both).toHaveLength(421);
  expect(different).toEqual(['i4i.16xlarge', 'i4i.32xlarge', 'i4i.metal']);
  const page = readFileSync(join(__dirname, '../../../docs/doctor.md'), 'utf8').replace(/\s+/g, ' ');
  const month = new Date(generated).toLocaleString('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });
  expect(page).toContain(`limits.go\`, ${month}): branch interfaces plus interfaces minus 2`);
  expect(page).toContain(`all but ${different.length} of the ${both.length} types in both`);
});

test("room with a trunk is the guide's figure for every type that EC2's limits and the guide have", () => {
  const both = POSSIBLE.filter((type) => GUIDE.has(type));
  expect(both.map((type) => [type, roomOf(type)?.withTrunk])).toEqual(
    both.map((type) => [type, GUIDE.get(type)?.[1]]),
  );
});

test('a c5.large has room for two tasks without a trunk and for ten with one', () => {
  expect(roomOf('c5.large')).toEqual({ withoutTrunk: 2, withTrunk: 10, canHaveTrunk: true });
});

test('a type without branch interfaces cannot have a trunk, and an unknown type has no figures', () => {
  expect(roomOf('t3.medium')).toEqual({ withoutTrunk: 2, withTrunk: 2, canHaveTrunk: false });
  expect(roomOf('x99.large')).toBeUndefined();
});

test('a type is unsupported in the guide only if the guide does not list it, and EC2 says that it can', () => {
  const unsupported = [...EC2.keys()].filter(isUnsupportedInGuide);
  expect(unsupported).toEqual(expect.arrayContaining(['c5n.large', 'r5.8xlarge', 'r5b.large', 'i3.metal']));
  expect(unsupported.filter((type) => GUIDE.has(type) || !roomOf(type)?.canHaveTrunk)).toEqual([]);
});

test('examples/cluster.yml accepts every size of its families that can have a trunk, but for metal', () => {
  const template = readFileSync(join(__dirname, '../../../examples/cluster.yml'), 'utf8');
  const [, list = ''] = /AllowedValues:\s*\[([^\]]+)\]/.exec(template) ?? [];
  const accepted = list.split(/[\s,]+/).filter((it) => it !== '');
  const chosen = new Set(accepted.map((type) => type.split('.')[0]));
  const possible = POSSIBLE.filter(
    (type) => chosen.has(type.split('.')[0]) && !type.includes('.metal') && !isUnsupportedInGuide(type),
  );
  expect(chosen).toContain('c8i');
  expect(accepted.sort()).toEqual(possible.sort());
});

/** A type of limits.go. */
const goType = (name: string, interfaces: number, branches: number) =>
  `\t"${name}": {\n\t\tInterface:               ${interfaces},\n\t\tIPv4PerInterface:        10,\n` +
  `\t\tIsTrunkingCompatible:    ${branches > 0},\n\t\tBranchInterface:         ${branches},\n` +
  `\t\tNetworkCards: []NetworkCard{\n\t\t\t{\n\t\t\t\tMaximumNetworkInterfaces: ${interfaces},\n\t\t\t},\n\t\t},\n\t},\n`;

test('the limits are renewed from limits.go, and a changed format is refused', () => {
  const head = '// This file was generated at 2026-03-20T18:06:29Z\n';
  const renewed = fromLimits(
    [
      head,
      ...['m5', 'c5'].flatMap((it) => [goType(`${it}.large`, 3, 9), goType(`${it}.xlarge`, 4, 18)]),
      goType('t3.nano', 2, 0),
    ].join(''),
  );
  expect(JSON.parse(renewed)).toMatchObject({
    generated: '2026-03-20',
    families: { 'c5, m5': 'large 3 9, xlarge 4 18', t3: 'nano 2 0' },
  });
  expect(() => fromLimits(head)).toThrow('format has changed');
  expect(() => fromLimits(goType('c5.large', 3, 9))).toThrow('format has changed');
  expect(() =>
    fromLimits(`${head}${goType('c5.large', 3, 9).replace('BranchInterface', 'Branches')}`),
  ).toThrow('BranchInterface');
});
