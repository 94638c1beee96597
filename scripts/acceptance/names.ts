import { nameUnder, type StagedName } from '../packaging/type-name';

/** What a run makes, by name. Nothing with these names can exist before the run. */
export interface Names extends StagedName {
  readonly stacks: {
    /** The handler role and the bucket for the package. */
    readonly registration: string;
    /** The roles whose setting is made. */
    readonly roles: string;
    /** The resource that goes through everything from create to delete. */
    readonly trunking: string;
    /** A second resource for the same role, which must fail. */
    readonly second: string;
    /** The resource of a role that did not opt in. */
    readonly notOptedIn: string;
  };
}

/** The names under a namespace, such as `acme-ecs-roletrunking-acceptance-roles`. */
export function namesUnder(namespace: string): Names {
  const name = nameUnder(namespace);
  const prefix = `${name.hyphenatedName}-acceptance`;
  return {
    ...name,
    stacks: {
      registration: `${prefix}-registration`,
      roles: `${prefix}-roles`,
      trunking: `${prefix}-trunking`,
      second: `${prefix}-second`,
      notOptedIn: `${prefix}-not-opted-in`,
    },
  };
}
