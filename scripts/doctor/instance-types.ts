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
const GUIDE_UNSUPPORTED: Readonly<Record<string, readonly string[] | 'all'>> = {
  a1: ['metal'],
  c5: ['metal'],
  c5ad: ['8xlarge'],
  c5d: ['metal'],
  c5n: 'all',
  d3: 'all',
  d3en: 'all',
  g4dn: 'all',
  i3: ['metal'],
  i3en: 'all',
  inf1: 'all',
  m5: ['metal'],
  m5dn: 'all',
  m5n: ['24xlarge', 'metal'],
  m5zn: ['12xlarge', 'metal'],
  mac1: 'all',
  p3dn: ['24xlarge'],
  r5: ['8xlarge', 'metal'],
  r5b: ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '24xlarge', 'metal'],
  r5d: ['metal'],
  r5dn: ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '24xlarge', 'metal'],
  r5n: 'all',
  z1d: 'all',
};

const ROOMS = readRooms();

/** @returns nothing for a type that is newer than the limits. */
export function roomOf(type: string): Room | undefined {
  return ROOMS.get(type);
}

/** The types that can have a trunk. */
export function typesWithTrunk(): string[] {
  return [...ROOMS].flatMap(([type, { canHaveTrunk }]) => (canHaveTrunk ? [type] : []));
}

/** Whether the ECS guide of 2023 says that a type gets no trunk, although EC2's limits say that it can. */
export function isUnsupportedInGuide(type: string): boolean {
  const [family = '', size = ''] = type.split('.');
  const sizes = GUIDE_UNSUPPORTED[family];
  return sizes === 'all' || (sizes?.includes(size) ?? false);
}

/** The file has one text for each family: `large 3 9, xlarge 4 18`, with interfaces and branch interfaces. */
function readRooms(): Map<string, Room> {
  return new Map(
    Object.entries(families).flatMap(([family, sizes]) =>
      sizes.split(', ').map((text) => {
        const [size, interfaces, branches] = text.split(' ');
        const type = `${family}.${size}`;
        return [type, toRoom(type, Number(interfaces), Number(branches))] as const;
      }),
    ),
  );
}

/** The primary interface takes one of the interfaces, and the trunk another one (guide, "container-instance-eni"). */
function toRoom(type: string, interfaces: number, branches: number): Room {
  const withoutTrunk = interfaces - 1;
  return {
    withoutTrunk,
    withTrunk: branches === 0 ? withoutTrunk : (GUIDE_WITH_TRUNK[type] ?? branches + interfaces - 2),
    canHaveTrunk: branches > 0,
  };
}
