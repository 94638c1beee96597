/** The files of this project, by their paths in it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(__dirname, '../..');

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** A template in YAML, whose intrinsic functions are read as their arguments. */
export function templateOf(path: string) {
  return parse(textOf(path), { logLevel: 'silent' });
}

/** The code blocks of a page in one language. */
export function blocksOf(page: string, language: string): string[] {
  const blocks = textOf(page).matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'));
  return [...blocks].map(([, text = '']) => text);
}
