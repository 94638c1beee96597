/** The name of the single file, where this runs in it; scripts/packaging/single-file.ts defines it. */
declare const SINGLE_FILE: string | undefined;

/**
 * How to start a command: `npm run NAME -- ARGUMENTS`, or `node FILE NAME ARGUMENTS` in the single file.
 *
 * @param args Begins with an option; by default, there are none.
 */
export function invocation(name: string, args = ''): string {
  const [program, separator] =
    typeof SINGLE_FILE === 'string' ? [`node ${SINGLE_FILE}`, ''] : ['npm run', '-- '];
  return `${program} ${name}${args === '' ? '' : ` ${separator}${args}`}`;
}
