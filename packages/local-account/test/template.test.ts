import { parseTemplate } from '../src/services/cloudformation/template/template';
import { ROLES_TEMPLATE, TRUNKING_TEMPLATE } from './support';

const STACK_ID = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/stack/1';
const references = {
  ref: (id: string) => `ref ${id}`,
  getAtt: (id: string, name: string) => `${id}'s ${name}`,
  importValue: (name: string) => `import ${name}`,
};

function resolved(value: string, head = ''): unknown {
  const template = parseTemplate(
    `${head}\nResources:\n  Other: { Type: T }\n  It:\n    Type: T\n    Properties:\n      P: ${value}`,
    STACK_ID,
  );
  const it = template.resources.find(({ logicalId }) => logicalId === 'It');
  return (template.resolve(it?.properties, references) as { P: unknown }).P;
}

const CONDITIONS = `Parameters: { Size: { Type: String, Default: big } }
Conditions:
  Big: !Equals [!Ref Size, big]
  Small: !Not [!Condition Big]
  Both: !And [!Condition Big, !Condition Small]
  Either: !Or [!Condition Big, !Condition Small]`;

test.each([
  ['!Ref AWS::Region', 'eu-west-1'],
  ['!Ref Other', 'ref Other'],
  ['!GetAtt Other.Arn', "Other's Arn"],
  ['{ Fn::GetAtt: [Other, Arn] }', "Other's Arn"],
  [
    '!Sub arn:$' + '{AWS::Partition}:$' + '{AWS::AccountId}:$' + '{Other}:$' + '{Other.Id}:$' + '{!Literal}',
    "arn:aws:111122223333:ref Other:Other's Id:$" + '{Literal}',
  ],
  ['!Sub ["$' + '{A}-$' + '{AWS::URLSuffix}", { A: !Ref Other }]', 'ref Other-amazonaws.com'],
  ['!Join ["/", [a, !Ref Other, !GetAtt Other.Arn]]', "a/ref Other/Other's Arn"],
  ['!Join [",", !Split ["/", a/b]]', 'a,b'],
  ['!Select [1, !Split ["s ", !GetAtt Other.Arn]]', 'Arn'],
  ['!ImportValue { Fn::Sub: "$' + '{AWS::Region}-name" }', 'import eu-west-1-name'],
  ['[!Ref AWS::NoValue, b]', ['b']],
  ['2012-10-17', '2012-10-17'],
])('%s resolves', (value, expected) => {
  expect(resolved(value)).toEqual(expected);
});

test.each([
  ['Big', 'yes'],
  ['Small', 'no'],
  ['Both', 'no'],
  ['Either', 'yes'],
])('!If follows the condition %s', (name, expected) => {
  expect(resolved(`!If [${name}, yes, no]`, CONDITIONS)).toBe(expected);
});

test('!FindInMap finds values in Mappings, also by parameters', () => {
  const head = `Parameters: { Size: { Type: String, Default: big } }
Mappings: { Limits: { eu-west-1: { big: 10 } } }`;
  expect(resolved('!FindInMap [Limits, !Ref AWS::Region, !Ref Size]', head)).toBe(10);
  expect(() => resolved('!FindInMap [Limits, !Ref AWS::Region, small]', head)).toThrow(
    'Template error: Unable to get mapping for Limits::eu-west-1::small',
  );
});

test('a CommaDelimitedList is a list', () => {
  const head = 'Parameters: { Names: { Type: CommaDelimitedList, Default: "a, b" } }';
  expect(resolved('!Ref Names', head)).toEqual(['a', 'b']);
});

test.each([
  [
    'an unknown short form',
    '!Cidr [a, 1, 2]',
    /^Template format error: YAML not well-formed. \(line 7, column 10\)$/,
  ],
  ['an unknown function', '{ Fn::Cidr: [a, 1, 2] }', /does not support the function Fn::Cidr/],
  [
    'a reference to nothing',
    '!Ref Nothing',
    /Unresolved resource dependencies \[Nothing\] in the Resources block/,
  ],
  ['an attribute of nothing', '!GetAtt No.Arn', /Fn::GetAtt references undefined resource No$/],
  ['an unknown pseudo parameter', '!Ref AWS::Moon', /AWS::Moon/],
  [
    'an item that a list does not have',
    '!Select [1, [a]]',
    /requires a list argument with two elements: an integer index and a list$/,
  ],
  ['a dynamic reference', '"{{resolve:ssm:name}}"', /dynamic references/],
])('%s is an error', (_, value, message) => {
  expect(() => resolved(value)).toThrow(expect.objectContaining({ code: 'ValidationError' }));
  expect(() => resolved(value)).toThrow(message);
});

test.each([
  ['Resources: {}', /At least one Resources member must be defined/],
  ['Resource: { A: { Type: T } }', /Invalid template property or properties \[Resource\]/],
  ['Resources: { A: { Type: T, DeletionPolicy: Keep } }', /Unrecognized DeletionPolicy Keep for resource A/],
  ['{ "Resources": ', /JSON not well-formed/],
  ['text', /unsupported structure/],
])('%s is not a template', (text, message) => {
  expect(() => parseTemplate(text, STACK_ID)).toThrow(message);
});

test('a resource whose condition is false is left out', () => {
  const { resources } = parseTemplate(
    `${CONDITIONS}\nResources:\n  A: { Type: T, Condition: Small }\n  B: { Type: T, Condition: Big }`,
    STACK_ID,
  );
  expect(resources.map(({ logicalId }) => logicalId)).toEqual(['B']);
});

test('resources are ordered by Ref, GetAtt, Sub and DependsOn, and a circle is an error', () => {
  const { resources } = parseTemplate(ROLES_TEMPLATE, STACK_ID);
  expect(resources.map(({ logicalId }) => logicalId)).toEqual([
    'HandlerRole',
    'InstanceRole',
    'InstanceProfile',
  ]);
  const sub = parseTemplate(
    'Resources:\n  A: { Type: T, Properties: { P: !Sub "$' +
      '{B.Arn}" } }\n  B: { Type: T, DependsOn: C }\n  C: { Type: T }',
    STACK_ID,
  );
  expect(sub.resources.map(({ logicalId }) => logicalId)).toEqual(['C', 'B', 'A']);
  const circle = 'Resources:\n  A: { Type: T, DependsOn: B }\n  B: { Type: T, Properties: { P: !Ref A } }';
  expect(() => parseTemplate(circle, STACK_ID)).toThrow(/Circular/);
});

test('parameters are checked: required, allowed, declared', () => {
  const parse = (parameters: Record<string, string>) =>
    parseTemplate(TRUNKING_TEMPLATE, STACK_ID, parameters);
  expect(parse({ RoleArn: 'r' }).parameters).toEqual({ RoleArn: 'r', Trunking: 'enabled' });
  expect(() => parse({})).toThrow(/Parameters: \[RoleArn\] must have values/);
  expect(() => parse({ RoleArn: 'r', Trunking: 'maybe' })).toThrow(
    /Parameter 'Trunking' must be one of AllowedValues/,
  );
  expect(() => parse({ RoleArn: 'r', Other: 'x' })).toThrow(
    /Parameters: \[Other\] do not exist in the template/,
  );
});

test.each([
  ['Type: Number, Default: 1, MinValue: 2', 'must be a number not less than 2'],
  ['Type: Number, Default: 3, MaxValue: 2', 'must be a number not greater than 2'],
  ['Type: String, Default: s, MinLength: 2', 'must have length greater than or equal to 2'],
  ['Type: String, Default: sss, MaxLength: 2', 'must have length less than or equal to 2'],
])('a parameter with %s %s', (declaration, reason) => {
  expect(() => resolved('!Ref P', `Parameters: { P: { ${declaration} } }`)).toThrow(
    `Parameter 'P' failed to satisfy constraint: ${reason}`,
  );
});

test('an attribute of a parameter that the local account does not support is refused', () => {
  expect(() => resolved('!Ref P', 'Parameters: { P: { Type: String, Default: s, Other: 1 } }')).toThrow(
    'The local account does not support Other of the parameter P',
  );
});
