/** Whether a text matches a pattern in which `*` stands for any characters and `?` for one. */
export function matchesWildcards(pattern: string, text: string): boolean {
  let [at, start, resume] = [0, 0, -1];
  let position = 0;
  while (position < text.length) {
    if (pattern[at] === '*') {
      [start, resume] = [position, at];
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[position])) {
      at += 1;
      position += 1;
    } else if (resume >= 0) {
      // The last `*` matches one character more.
      start += 1;
      [position, at] = [start, resume + 1];
    } else {
      return false;
    }
  }
  return [...pattern.slice(at)].every((character) => character === '*');
}
