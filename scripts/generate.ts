/** `npm run generate`: brings the generated files up to date with the schema. */
import { join } from 'node:path';
import { runCommand } from './command-line/command';
import { generatedFiles, writeGenerated } from './packaging/generated-files';

const ROOT = join(__dirname, '..');

const GENERATE = {
  name: 'generate',
  summary: 'Writes src/models.ts and docs/README.md from the schema. Changes no other file.',
} as const;

void runCommand(GENERATE, () => {
  const files = generatedFiles(ROOT);
  const changed = writeGenerated(ROOT, files);
  for (const { path } of files) {
    console.log(`${path}: ${changed.includes(path) ? 'written' : 'up to date'}`);
  }
  return 0;
});
