import { parseTemplate } from '../../local/template';
import { ROLES_TEMPLATE, TRUNKING_TEMPLATE } from './support';

const scope = { accountId: '111122223333', region: 'eu-west-1', partition: 'aws', stackName: 'stack' };
const references = {
  ref: (id: string) => `ref ${id}`,
  getAtt: (id: string, name: string) => `${id}'s ${name}`,
};

function resolved(value: string, head = ''): unknown {
  const template = parseTemplate(
    `${head}\nResources:\n  Other: { Type: T }\n  It:\n    Type: T\n    Properties:\n      P: ${value}`,
    {
      ...scope,
      parameters: {},
    },
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

test.each([
  ['an unknown short form', '!Select [0, [a]]', /Select/],
  ['an unknown function', '{ Fn::Select: [0, [a]] }', /Fn::Select is not known/],
  ['a reference to nothing', '!Ref Nothing', /Nothing/],
  ['an unknown pseudo parameter', '!Ref AWS::Moon', /AWS::Moon/],
  ['an unknown condition', '!If [None, a, b]', /no condition None/],
])('%s is an error', (_, value, message) => {
  expect(() => resolved(value)).toThrow(message);
});

test('a resource whose condition is false is not there', () => {
  const { resources } = parseTemplate(
    `${CONDITIONS}\nResources:\n  A: { Type: T, Condition: Small }\n  B: { Type: T, Condition: Big }`,
    scope,
  );
  expect(resources.map(({ logicalId }) => logicalId)).toEqual(['B']);
});

test('resources are ordered by Ref, GetAtt, Sub and DependsOn, and a circle is an error', () => {
  const { resources } = parseTemplate(ROLES_TEMPLATE, scope);
  expect(resources.map(({ logicalId }) => logicalId)).toEqual([
    'HandlerRole',
    'InstanceRole',
    'InstanceProfile',
  ]);
  const sub = parseTemplate(
    'Resources:\n  A: { Type: T, Properties: { P: !Sub "$' +
      '{B.Arn}" } }\n  B: { Type: T, DependsOn: C }\n  C: { Type: T }',
    scope,
  );
  expect(sub.resources.map(({ logicalId }) => logicalId)).toEqual(['C', 'B', 'A']);
  const circle = 'Resources:\n  A: { Type: T, DependsOn: B }\n  B: { Type: T, Properties: { P: !Ref A } }';
  expect(() => parseTemplate(circle, scope)).toThrow(/Circular/);
});

test('parameters are checked: required, allowed, declared', () => {
  const parse = (parameters: Record<string, string>) =>
    parseTemplate(TRUNKING_TEMPLATE, { ...scope, parameters });
  expect(parse({ RoleArn: 'r' }).parameters).toEqual({ RoleArn: 'r', Trunking: 'enabled' });
  expect(() => parse({})).toThrow(/RoleArn must have a value/);
  expect(() => parse({ RoleArn: 'r', Trunking: 'maybe' })).toThrow(/one of enabled, disabled/);
  expect(() => parse({ RoleArn: 'r', Other: 'x' })).toThrow(/no parameter Other/);
});
