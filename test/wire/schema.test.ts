import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Action, Model } from 'local-account';
import { parseEnvelope } from 'resource-runtime/testing';
import { entrypoint } from '../../src/handlers';
import { parseDesired } from '../../src/properties';
import { ROOT, textOf } from '../harness/project-files';
import { REGION, type SampleAccount, startSampleAccount, TYPE_NAME } from '../harness/sample-account';

/*
 * Compares the schema with what the handlers in src/ accept and return, property by property. A property that is only
 * in the schema fails these tests; CONTRIBUTING.md lists the places that it must be added to.
 */

interface Definition {
  readonly type: 'string' | 'integer' | 'number' | 'boolean';
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly default?: unknown;
}

interface Schema {
  readonly typeName: string;
  readonly description: string;
  readonly tagging: object;
  readonly properties: Readonly<Record<string, Definition>>;
  readonly additionalProperties: boolean;
  readonly required: readonly string[];
  readonly createOnlyProperties: readonly string[];
  readonly readOnlyProperties?: readonly string[];
  readonly writeOnlyProperties?: readonly string[];
}

const schema: Schema = JSON.parse(textOf('custom-ecs-roletrunking.json'));
const named = (pointers: readonly string[] = []) => pointers.map((it) => it.replace('/properties/', ''));
const entries = Object.entries(schema.properties);
const settable = entries.filter(([name]) => !named(schema.readOnlyProperties).includes(name));
const returned = Object.keys(schema.properties).filter(
  (name) => !named(schema.writeOnlyProperties).includes(name),
);

/** Values that the schema accepts for a property: all of an enum, a hundred that match a pattern. */
const SAMPLES = new Map(entries.map(([name, definition]) => [name, validValues(definition)]));
const samples = (name: string) => SAMPLES.get(name) ?? [];

function validValues({ type, enum: values, pattern }: Definition): readonly unknown[] {
  if (values || pattern === undefined) {
    return values ?? { string: ['a', 'b'], integer: [1, 2], number: [1, 2], boolean: [true, false] }[type];
  }
  return fc.sample(fc.stringMatching(new RegExp(pattern)), { numRuns: 100, seed: 1 });
}

const ROLE = 'arn:aws:iam::111122223333:role/instances';

/** Values near those that some property accepts. */
const NEAR = [
  ...['', ' ', 'a', 'on', 'off', 'true', 'Enabled', 'DISABLED', 'enabled ', 'enabled\n', 'enabled,disabled'],
  ...[ROLE, `${ROLE}\n`, ` ${ROLE}`, `${ROLE}/`, ROLE.toUpperCase(), ROLE.replace('iam', 'sts')],
  ...[ROLE.replace('role/', 'role'), ROLE.replace('role', 'user'), ROLE.replace('aws', 'aws-eusc')],
  ...[ROLE.replace('111122223333', '11112222333'), ROLE.replace('::', ':us-east-1:'), `${ROLE}é`],
  ...[`${ROLE}${'n'.repeat(55)}`, `${ROLE}${'n'.repeat(56)}`, ROLE.replace('role/', 'role//')],
  ...[0, 1, -1, 1.5, true, false, [], ['enabled'], {}, { Ref: 'Role' }],
];

/** Whether a value is valid by the definition of its property in the schema. */
function isValid({ type, enum: values, pattern }: Definition, value: unknown): boolean {
  const isOfType = type === 'integer' ? Number.isInteger(value) : typeof value === type;
  const isInEnum = !values || values.includes(value as string);
  return isOfType && isInEnum && (pattern === undefined || new RegExp(pattern).test(value as string));
}

/** A value for each property, the first that the schema accepts. */
const usual = (): Model => ({
  ...Object.fromEntries(settable.map(([name]) => [name, samples(name)[0]])),
  RoleArn: ROLE,
});

/** Reads a request as the handlers do, in the account of its role. @throws for a request that is refused */
function parse(action: 'CREATE' | 'UPDATE', properties: Model, previousProperties?: Model) {
  const account = /::(\d{12}):/.exec(String(properties.RoleArn))?.[1] ?? '111122223333';
  const requestData = {
    resourceProperties: properties,
    previousResourceProperties: previousProperties ?? properties,
  };
  const event = { action, awsAccountId: account, region: 'us-east-1', requestData };
  const envelope = parseEnvelope(event, TYPE_NAME);
  return parseDesired(envelope.properties, envelope);
}

const isAccepted = (action: 'CREATE' | 'UPDATE', properties: Model) => {
  try {
    parse(action, properties);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ errorCode: 'InvalidRequest' });
    return false;
  }
};

describe.each(['CREATE', 'UPDATE'] as const)('%s', (action) => {
  test('accepts all properties of the schema together', () => {
    expect(() => parse(action, usual())).not.toThrow();
  });

  test.each(settable)('accepts and refuses the same values for %s as the schema', (name, definition) => {
    const values = [...samples(name), ...NEAR];
    const answers = values.map((value) => ({
      value,
      accepted: isAccepted(action, { ...usual(), [name]: value }),
    }));
    expect(answers).toEqual(values.map((value) => ({ value, accepted: isValid(definition, value) })));
    expect(new Set(answers.map(({ accepted }) => accepted))).toEqual(new Set([true, false]));
  });

  test('requires the properties that the schema requires, and no others', () => {
    const demanded = Object.keys(usual()).filter((name) => {
      const { [name]: _, ...others } = usual();
      return !isAccepted(action, others);
    });
    expect(demanded).toEqual(schema.required);
  });

  test('refuses a property that the schema does not have, and one that is read-only', () => {
    expect(schema.additionalProperties).toBe(false);
    for (const name of ['Unknown', 'trunking', ...named(schema.readOnlyProperties)]) {
      expect(isAccepted(action, { ...usual(), [name]: 'enabled' })).toBe(false);
    }
  });
});

test('UPDATE refuses another value of a create-only property, and of no other property', () => {
  const refused = settable.filter(([name]) => {
    const other = name === 'RoleArn' ? `${ROLE}-2` : samples(name)[1];
    try {
      parse('UPDATE', usual(), { ...usual(), [name]: other });
      return false;
    } catch (error) {
      expect(error).toMatchObject({ errorCode: 'NotUpdatable' });
      return true;
    }
  });
  expect(refused.map(([name]) => name)).toEqual(named(schema.createOnlyProperties));
});

test('only a service-linked role is refused although the pattern accepts it', () => {
  const arn = 'arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS';
  expect(isValid(schema.properties.RoleArn as Definition, arn)).toBe(true);
  expect(isAccepted('CREATE', { ...usual(), RoleArn: arn })).toBe(false);
});

describe('the model that a handler returns', () => {
  let sample: SampleAccount;
  const environment = { ...process.env };

  beforeAll(async () => {
    jest.spyOn(console, 'log').mockImplementation(() => {});
    sample = await startSampleAccount({
      cloudformation: { function: { invoke: async (event) => ({ payload: await entrypoint(event) }) } },
    });
    Object.assign(process.env, sample.account.functionEnvironment(REGION));
  });

  afterAll(async () => {
    process.env = environment;
    jest.restoreAllMocks();
    await sample.close();
  });

  const operate = async (action: Action, properties: Model, previousProperties?: Model) => {
    const { final } = await sample.cloudformation.run(action, { properties, previousProperties });
    expect(final).toMatchObject({ status: 'SUCCESS' });
    return final.resourceModel ?? final.resourceModels;
  };
  const visible = (model: Model) =>
    Object.fromEntries(Object.entries(model).filter(([name]) => returned.includes(name)));

  /** Each value of each property that can be updated. */
  const values = settable
    .filter(([name]) => !named(schema.createOnlyProperties).includes(name))
    .flatMap(([name]) => samples(name).map((value) => ({ name, value })));

  /** For each of them: a resource that has it. */
  const variants = (): Model[] =>
    values.map(({ name, value }) => ({ ...usual(), [name]: value, RoleArn: sample.instanceRoleArn }));

  test('is the model that was asked for, from create to delete, and in a list', async () => {
    expect(variants().length).toBeGreaterThan(1);
    for (const model of variants()) {
      const identifier = { RoleArn: model.RoleArn };
      expect(await operate('CREATE', model)).toEqual(visible(model));
      for (const changed of variants()) {
        expect(await operate('UPDATE', changed, model)).toEqual(visible(changed));
        expect(await operate('READ', identifier)).toEqual(visible(changed));
        expect(await operate('LIST', {})).toEqual([visible(changed)]);
        for (const { name, value } of values) {
          const found = changed[name] === value ? [visible(changed)] : [];
          expect(await operate('LIST', { [name]: value })).toEqual(found);
        }
      }
      await operate('DELETE', identifier);
    }
  });

  test('has the defaults of the schema where the template leaves a property out', async () => {
    const defaults = entries.flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value]],
    );
    const identifier = { RoleArn: sample.instanceRoleArn };
    const model = await operate('CREATE', identifier);
    expect(model).toEqual({ ...identifier, ...Object.fromEntries(defaults) });
    await operate('DELETE', identifier);
  });
});

describe("AWS's compliance rules for schemas (PyPI resource-schema-guard-rail)", () => {
  const { typeName, description, tagging } = schema;

  test('the description begins as they ask for', () => {
    expect(description).toMatch(new RegExp(`^Resource Type definition for ${typeName}: `));
  });

  // They also ask for tags. An account setting has none: ECS does not list it among the resources that can be tagged
  // (ECS developer guide, "ecs-using-tags").
  test('the type says that it cannot be tagged', () => {
    expect(tagging).toEqual({ taggable: false });
  });
});

describe('outside the handlers', () => {
  const names = settable.map(([name]) => name).sort();

  test('the table in the README has a row for each property, in the order of the schema', () => {
    const [, table = ''] = /\| property \| \| \|\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(textOf('README.md')) ?? [];
    const rows = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(rows).toEqual(Object.keys(schema.properties));
  });

  test.each(readdirSync(join(ROOT, 'inputs')))('inputs/%s tries every property', (name) => {
    expect(Object.keys(JSON.parse(textOf(`inputs/${name}`))).sort()).toEqual(names);
  });
});
