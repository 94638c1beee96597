import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../package.json';
import { pythonEnvironment } from '../../scripts/python/environment';
import { ROOT, textOf } from '../harness/project-files';

/* The project as the CloudFormation CLI reads it, and the package. */

const SCHEMA = 'custom-ecs-roletrunking.json';

const shipped = () => textOf('build/TypeFunction/dist/handlers.js');

test('cfn validate finds the schema valid, and reports no warning', () => {
  // A copy, since cfn writes its log there.
  const copy = mkdtempSync(join(tmpdir(), 'project-'));
  for (const name of ['.rpdk-config', SCHEMA]) {
    cpSync(join(ROOT, name), join(copy, name));
  }
  const env = { ...process.env, AWS_DEFAULT_REGION: 'us-east-1' };
  execFileSync(join(pythonEnvironment(), 'cfn'), ['validate'], { cwd: copy, env, stdio: 'ignore' });
  const log = readFileSync(join(copy, 'rpdk.log'), 'utf8');
  rmSync(copy, { recursive: true });
  const warnings = log.split('\n').filter((line) => /WARNING|ERROR|CRITICAL/.test(line));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/Resource schema is valid\.$/);
});

test('cfn submit builds the package with npm run build', () => {
  const config = JSON.parse(textOf('.rpdk-config'));
  expect(config.settings.buildCommand).toBe('npm run build --');
});

test('cfn-lint reports no error for template.yml and examples/roles.yml', () => {
  const templates = ['template.yml', 'examples/roles.yml'].map((name) => join(ROOT, name));
  execFileSync(join(pythonEnvironment(), 'cfn-lint'), templates, { encoding: 'utf8' });
});

test('the package has only the handler and licenses, without version 2 of the SDK or a search for credentials', () => {
  expect(readdirSync(join(ROOT, 'build/TypeFunction'), { recursive: true }).sort()).toEqual([
    'LICENSE',
    'THIRD-PARTY-NOTICES',
    'dist',
    'dist/handlers.js',
  ]);
  const traces = ['aws-sdk-js/2', 'AWS_CONTAINER_CREDENTIALS', 'AWS_ACCESS_KEY_ID', 'sourceMappingURL'];
  expect(traces.filter((trace) => shipped().includes(trace))).toEqual([]);
  expect(shipped().includes('This client was given no credentials.')).toBe(true);
});

test('no dependency installs version 2 of the SDK', () => {
  const lock = JSON.parse(textOf('package-lock.json'));
  expect(Object.keys(lock.packages)).not.toContain('node_modules/aws-sdk');
  expect(Object.keys(packageJson.dependencies)).not.toContain('aws-sdk');
});

test('the runtime in .rpdk-config and template.yml is nodejs22.x', () => {
  const config = JSON.parse(textOf('.rpdk-config'));
  const runtimes = textOf('template.yml').match(/Runtime: .*/g);
  expect([config.runtime, ...(runtimes ?? [])]).toEqual([
    'nodejs22.x',
    'Runtime: nodejs22.x',
    'Runtime: nodejs22.x',
  ]);
});
