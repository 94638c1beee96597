/** A picture of the output of a command. */

const FONT_SIZE = 13;
const CHARACTER_WIDTH = 7.8;
const LINE_HEIGHT = 18;
const PADDING = 16;

/** The styles: for headings, and for statuses and levels that mean success or failure. */
const STYLES: readonly { readonly pattern: RegExp; readonly style: string }[] = [
  { pattern: /^(?:\d+\. |Cluster |Role ).*/, style: 'heading' },
  { pattern: /^ {2}fine\b/, style: 'good' },
  { pattern: /^ {2}must\b/, style: 'bad' },
  { pattern: /^ {2}(?:should|unknown)\b/, style: 'notice' },
  { pattern: /\b(?:CREATE|UPDATE|DELETE|IMPORT)_COMPLETE\b|\bIN_SYNC\b|\bSUCCESS\b/, style: 'good' },
  {
    pattern: /\b(?:CREATE_FAILED|ROLLBACK_COMPLETE|DRIFTED|AccessDeniedException|AlreadyExists)\b/,
    style: 'bad',
  },
];

/**
 * Draws text as a terminal shows it, for both light and dark pages.
 *
 * @param title What the picture shows, for people who cannot see it.
 * @param text Lines without control characters.
 * @returns An SVG document with one `<text>` for each line.
 */
export function drawTerminal(title: string, text: string): string {
  const lines = text.trimEnd().split('\n');
  const columns = Math.max(...lines.map((line) => line.length));
  const width = Math.ceil(columns * CHARACTER_WIDTH) + 2 * PADDING;
  const height = lines.length * LINE_HEIGHT + 2 * PADDING;
  const drawn = lines.map(
    (line, index) =>
      `<text x="${PADDING}" y="${PADDING + FONT_SIZE + index * LINE_HEIGHT}">${drawLine(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" xml:space="preserve">
<title>${escapeText(title)}</title>
<style>
text { font: ${FONT_SIZE}px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #d1d7e0; white-space: pre; }
.heading { font-weight: bold; fill: #ffffff; }
.good { fill: #57ab5a; }
.bad { fill: #e5534b; }
.notice { fill: #c69026; }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#212830"/>
${drawn.join('\n')}
</svg>
`;
}

/** The text of a picture. */
export function textOfPicture(svg: string): string {
  const lines = [...svg.matchAll(/<text [^>]*>(.*?)<\/text>/g)].map(([, content = '']) =>
    content
      .replace(/<[^>]+>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&'),
  );
  return `${lines.join('\n')}\n`;
}

/** Draws a line with its styles. Where several patterns match at the same place, the first style applies. */
function drawLine(line: string): string {
  let drawn = '';
  let rest = line;
  while (rest !== '') {
    const found = STYLES.map(({ pattern, style }) => ({ match: pattern.exec(rest), style }))
      .flatMap(({ match, style }) => (match ? [{ index: match.index, text: match[0], style }] : []))
      .sort((a, b) => a.index - b.index)[0];
    if (!found) {
      return drawn + escapeText(rest);
    }
    drawn += `${escapeText(rest.slice(0, found.index))}<tspan class="${found.style}">${escapeText(found.text)}</tspan>`;
    rest = rest.slice(found.index + found.text.length);
  }
  return drawn;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
