import { nameUnder } from '../packaging/type-name';

/** What a run makes, by name. Nothing with these names can exist before the run. */
export type Names = ReturnType<typeof namesUnder>;

/** The names under a namespace, such as `acme-ecs-roletrunking-acceptance-roles`. */
export function namesUnder(namespace: string) {
  const name = nameUnder(namespace);
  const stack = (purpose: string) => `${name.hyphenatedName}-acceptance-${purpose}`;
  return {
    ...name,
    stacks: {
      /** The handler role and the bucket for the package. */
      registration: stack('registration'),
      /** The roles whose setting is made. */
      roles: stack('roles'),
      /** The resource that goes through everything from create to delete. */
      trunking: stack('trunking'),
      /** A second resource for the same role, which must fail. */
      second: stack('second'),
      /** The resource of a role that did not opt in. */
      notOptedIn: stack('not-opted-in'),
    },
  };
}
