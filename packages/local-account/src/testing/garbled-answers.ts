import type { Fault } from '../gateway/faults';

/* Faults in which a call takes effect, and its answer is not what the API reference says. */

export const WEB_PAGE = garbage(() => '<html><body><p>Please log in<br></body></html>');
export const HALF = garbage((body) => body.slice(0, body.length / 2));
export const EMPTY = garbage(() => '');
/** Well-formed, with none of the members of any answer. */
export const OTHER_MEMBERS = garbage((body) =>
  body.startsWith('<') ? '<Other><Thing>1</Thing></Other>' : '{"other":{"thing":1}}',
);

function garbage(garble: (body: string) => string): Fault {
  return { kind: 'garbage', garble: (body) => ({ body: garble(body) }) };
}
