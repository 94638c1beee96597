/** How many tasks in `awsvpc` mode an instance type can run, without a trunk and with one. */
import { families } from './data/instance-types.json';

/** Tasks in `awsvpc` mode, as far as network interfaces limit them. */
export interface Room {
  readonly withoutTrunk: number;
  /** The same as without, if the type cannot have a trunk. */
  readonly withTrunk: number;
  readonly canHaveTrunk: boolean;
}

/** ECS developer guide of 2023, "container-instance-eni": the only figures that EC2's limits do not give. */
const GUIDE_WITH_TRUNK: Readonly<Record<string, number>> = {
  'i4i.16xlarge': 248,
  'i4i.32xlarge': 498,
  'i4i.metal': 498,
};

/**
 * The same page: what it calls unsupported, although EC2's limits say that it can have a trunk. The page also lists
 * some types of these families as supported; those are not here.
 */
const GUIDE_UNSUPPORTED: readonly RegExp[] = [
  /^(c5n|d3|d3en|g4dn|i3en|inf1|m5dn|mac1|r5n|z1d)\./,
  /^(a1|c5|c5d|i3|m5|m5n|m5zn|r5|r5d)\.metal$/,
  /^(c5ad|r5)\.8xlarge$/,
  /^m5zn\.12xlarge$/,
  /^(m5n|p3dn)\.24xlarge$/,
  /^(r5b|r5dn)\.(large|xlarge|2xlarge|4xlarge|8xlarge|12xlarge|24xlarge|metal)$/,
];

/** Interfaces and branch interfaces of each type. */
const LIMITS = typesIn(families);

/**
 * The primary interface takes one of the interfaces, and the trunk another one (guide, "container-instance-eni").
 *
 * @returns nothing for a type that is newer than the limits.
 */
export function roomOf(type: string): Room | undefined {
  const limits = LIMITS.get(type);
  if (!limits) {
    return undefined;
  }
  const [interfaces, branches] = limits;
  const withoutTrunk = interfaces - 1;
  return {
    withoutTrunk,
    withTrunk: branches === 0 ? withoutTrunk : (GUIDE_WITH_TRUNK[type] ?? branches + interfaces - 2),
    canHaveTrunk: branches > 0,
  };
}

/** Whether the ECS guide of 2023 says that a type gets no trunk, although EC2's limits say that it can. */
export function isUnsupportedInGuide(type: string): boolean {
  return GUIDE_UNSUPPORTED.some((types) => types.test(type));
}

/**
 * The types in a file like instance-types.json, which has one text for families that are alike: `c5, c5d` with
 * `large 3 9, xlarge 4 18`.
 *
 * @returns two figures for each type.
 */
export function typesIn(file: Readonly<Record<string, string>>): Map<string, readonly [number, number]> {
  const types = Object.entries(file).flatMap(([names, sizes]) =>
    names.split(', ').flatMap((family) =>
      sizes.split(', ').map((text) => {
        const [size, first, second] = text.split(' ');
        return [`${family}.${size}`, [Number(first), Number(second)]] as const;
      }),
    ),
  );
  return new Map(types);
}
