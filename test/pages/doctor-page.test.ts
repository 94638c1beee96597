import { CAUSES } from '../../scripts/doctor/causes';
import { HANDLER_ROLE_TEXTS } from '../../scripts/doctor/handler-role';
import { NOT_REGISTERED } from '../../scripts/doctor/registration';
import { UNREAD_TEXTS } from '../../scripts/doctor/report';
import { ROLE_TEXTS } from '../../scripts/doctor/roles';
import { textOf } from '../harness/project-files';

/* docs/doctor.md has each text that the doctor prints as a heading, and no other. */

const page = textOf('docs/doctor.md');
const texts = [
  ...CAUSES.filter(({ level }) => level !== 'fine').map(({ text }) => text),
  ...Object.values(ROLE_TEXTS),
  NOT_REGISTERED,
  ...Object.values(HANDLER_ROLE_TEXTS),
  ...UNREAD_TEXTS,
];
const sections = page.split(/^### /m).slice(1);
const headings = sections.map((section) => section.split('\n')[0] ?? '');

test('each text that asks for something is a heading of the page, and each heading is such a text', () => {
  expect(headings.sort()).toEqual([...texts].sort());
});

test('each section says what to know, and each one about an instance, a role or the registration ends with a source', () => {
  const found = page.split('## About what was not read')[0]?.split(/^### /m).slice(1) ?? [];
  expect(found).toHaveLength(texts.length - UNREAD_TEXTS.length);
  const source =
    /\((?:The guide|API reference|ECS developer guide|IAM user guide|`limits\.go`|awsdocs|SECURITY|`examples\/|\[Errors)(?:[^()]|\([^()]*\))*\.\)$/;
  const withoutSource = found.filter((section) => !source.test(section.split(/^## /m)[0]?.trim() ?? ''));
  expect(withoutSource).toEqual([]);
  expect(sections.filter((section) => section.split('\n').slice(1).join('').trim() === '')).toEqual([]);
});
