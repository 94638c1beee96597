export const SECTIONS = ['Parameters', 'Mappings', 'Conditions', 'Resources', 'Outputs'] as const;

/** The names of members, such as logical IDs. */
const names = (kind: string) => ({
  pattern: '^[A-Za-z0-9]+$',
  refusal: `Template format error: ${kind} name {member} is non alphanumeric.`,
});

/** A section, or a member of one. `refusal` is the answer for a value that is none. */
const object = (refusal: string, more: object = {}) => ({
  type: 'object',
  refusal: `Template format error: ${refusal}`,
  ...more,
});

const members = (section: string, more: object = {}) =>
  object(`${section} must be an object.`, {
    additionalProperties: object(`Any ${section} member must be an object.`),
    ...more,
  });

const map = (additionalProperties: object) =>
  object('Every Mappings member {member} must be a map', { additionalProperties });

/** Properties of these names, whatever they are. */
const any = (known: readonly string[]) => Object.fromEntries(known.map((name) => [name, {}]));

const NO_TYPE = {
  refusal: 'Template format error: [/Resources/{name}] Every Resources object must contain a Type member.',
};
const NO_RESOURCES = { refusal: 'Template format error: At least one Resources member must be defined.' };
const ATTRIBUTES = [
  ...['Type', 'Properties', 'DependsOn', 'Condition', 'Metadata'],
  ...['DeletionPolicy', 'UpdateReplacePolicy'],
];

/**
 * The structure of a template (user guide, "template-anatomy") as a JSON schema, with what CloudFormation answers for
 * what it does not allow: `refusal`, where `{name}` is the member's name and `{member}` what is wrong in it. Recorded in
 * localstack's test_validations, test_mappings, test_resources, test_using_pseudoparameters_in_places and
 * test_linting_error_during_creation; the others are not. Nothing is ignored: other sections and attributes are refused.
 */
export const STRUCTURE = {
  type: 'object',
  allOf: [
    {
      properties: any(['AWSTemplateFormatVersion', 'Description', 'Metadata', ...SECTIONS]),
      additionalProperties: false,
      refusal: 'Invalid template property or properties [{member}]',
    },
    { required: ['Resources'], ...NO_RESOURCES },
  ],
  properties: {
    Parameters: members('Parameters', { propertyNames: names('Parameter') }),
    Mappings: members('Mappings', {
      additionalProperties: map(
        map({
          not: { type: 'object' },
          refusal: 'Template format error: Every Mappings attribute must be a String or a List.',
        }),
      ),
    }),
    Conditions: members('Conditions'),
    Resources: {
      minProperties: 1,
      ...NO_RESOURCES,
      allOf: [
        members('Resources', {
          propertyNames: names('Resource'),
          additionalProperties: {
            ...object('Any Resources member must be an object.'),
            allOf: [
              {
                properties: any(ATTRIBUTES),
                additionalProperties: false,
                refusal: "Invalid template resource property '{member}'",
              },
              { required: ['Type'], properties: { Type: { type: 'string', ...NO_TYPE } }, ...NO_TYPE },
            ],
          },
        }),
      ],
    },
    Outputs: members('Outputs', {
      additionalProperties: object('Any Outputs member must be an object.', {
        allOf: [
          {
            required: ['Value'],
            refusal: 'Template format error: Every Outputs member must contain a Value object',
          },
        ],
      }),
    }),
  },
};
