/** Changes as text: what is there and what would be, line by line. */
import { diffLines } from 'diff';
import { type Json, POLICY_NAME } from './documents';
import type { Change } from './plan';

/** Lines with `+` are added, lines with `-` removed. */
export function showChange({ part, before, after }: Change): string {
  const lines = diffLines(textOf(before), textOf(after)).flatMap(({ value, added, removed }) =>
    value
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `${added ? '+' : removed ? '-' : ' '} ${line}`),
  );
  return `${TITLES[part]}\n${lines.join('\n')}`;
}

const TITLES: Readonly<Record<Change['part'], string>> = {
  'trust policy': 'Trust policy',
  'inline policy': `Inline policy ${POLICY_NAME}`,
  tag: 'Tag ecs-role-trunking',
};

function textOf(value: Json | undefined): string {
  if (value === undefined) {
    return '';
  }
  return `${typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)}\n`;
}
