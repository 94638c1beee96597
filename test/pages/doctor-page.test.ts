import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAUSES } from '../../scripts/doctor/causes';
import { REGISTRATION_TEXTS } from '../../scripts/doctor/registration';
import { UNREAD_TEXTS } from '../../scripts/doctor/report';
import { ROLE_TEXTS } from '../../scripts/doctor/roles';

/* docs/doctor.md has each text that the doctor prints as a heading, and no other. */

const page = readFileSync(join(__dirname, '../../docs/doctor.md'), 'utf8');
const texts = [
  ...CAUSES.filter(({ level }) => level !== 'fine').map(({ text }) => text),
  ...Object.values(ROLE_TEXTS),
  ...Object.values(REGISTRATION_TEXTS),
  ...UNREAD_TEXTS,
];
const sections = page.split(/^### /m).slice(1);
const headings = sections.map((section) => section.split('\n')[0] ?? '');

test('each text that asks for something is a heading of the page, and each heading is such a text', () => {
  expect(headings.sort()).toEqual([...texts].sort());
});

test('each section has a cause and a remedy, and each one about an instance a source', () => {
  const ofInstances = page.split('## About a role')[0]?.split(/^### /m).slice(1) ?? [];
  expect(ofInstances).toHaveLength(CAUSES.filter(({ level }) => level !== 'fine').length);
  const source = /\((?:[Tt]he guide|API reference|ECS developer guide|`limits\.go`|awsdocs)[^)]*\)\.?\n/;
  expect(ofInstances.filter((section) => !source.test(section))).toEqual([]);
  expect(sections.filter((section) => section.split('\n').slice(1).join('').trim() === '')).toEqual([]);
});
