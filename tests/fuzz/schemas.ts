/** Schemas as tools and structured answers bring them; each must reach every provider as it is. */
export const schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'no properties': { type: 'object', properties: {} },
  'nothing but its type': { type: 'object' },
  'one string': { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  'no others': {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  },
  'others of a type': { type: 'object', additionalProperties: { type: 'number' } },
  'anything else': { type: 'object', properties: {}, additionalProperties: true },
  'an empty schema within': { type: 'object', properties: { any: {} } },
  'true and false as schemas': { type: 'object', properties: { yes: true, no: false } },
  $defs: {
    $defs: { point: { type: 'object', properties: { x: { type: 'number' } } } },
    type: 'object',
    properties: { from: { $ref: '#/$defs/point' }, to: { $ref: '#/$defs/point' } },
  },
  definitions: {
    definitions: { Name: { type: 'string', minLength: 1 } },
    type: 'object',
    properties: { name: { $ref: '#/definitions/Name' } },
  },
  '$ref with neighbours': {
    $defs: { id: { type: 'integer' } },
    type: 'object',
    properties: { id: { $ref: '#/$defs/id', description: 'Which.' } },
  },
  recursive: {
    $defs: {
      node: {
        type: 'object',
        properties: {
          value: { type: 'string' },
          children: { type: 'array', items: { $ref: '#/$defs/node' } },
        },
        required: ['value'],
      },
    },
    type: 'object',
    properties: { root: { $ref: '#/$defs/node' } },
  },
  'recursive at its root': {
    type: 'object',
    properties: { value: { type: 'string' }, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
  },
  'an escaped pointer': {
    $defs: { 'a/b~c': { type: 'string' } },
    type: 'object',
    properties: { it: { $ref: '#/$defs/a~1b~0c' } },
  },
  anchors: {
    $id: 'https://example.com/schema',
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $defs: { item: { $anchor: 'item', type: 'string' } },
    type: 'object',
    properties: { item: { $ref: '#item' } },
  },
  anyOf: { type: 'object', properties: { v: { anyOf: [{ type: 'string' }, { type: 'number' }] } } },
  oneOf: {
    type: 'object',
    properties: {
      shape: {
        oneOf: [
          { type: 'object', properties: { kind: { const: 'circle' }, r: { type: 'number' } } },
          { type: 'object', properties: { kind: { const: 'square' }, a: { type: 'number' } } },
        ],
        discriminator: { propertyName: 'kind' },
      },
    },
  },
  allOf: { type: 'object', properties: { v: { allOf: [{ type: 'string' }, { minLength: 2 }] } } },
  not: { type: 'object', properties: { v: { not: { type: 'null' } } } },
  // an object written with a `then` looks like a promise to linters
  conditions: JSON.parse(
    '{"type":"object","properties":{"a":{"type":"boolean"}},"if":{"properties":{"a":{"const":true}}},"then":{"required":["b"]},"else":{"properties":{"b":false}}}',
  ),
  'dependent fields': {
    type: 'object',
    properties: { card: { type: 'string' }, address: { type: 'string' } },
    dependentRequired: { card: ['address'] },
    dependentSchemas: { card: { properties: { cvc: { type: 'string' } } } },
  },
  'a nullable type': { type: 'object', properties: { unit: { type: ['string', 'null'] } } },
  'many types': {
    type: 'object',
    properties: { v: { type: ['string', 'number', 'boolean', 'null'] } },
  },
  'nullable as OpenAPI says': {
    type: 'object',
    properties: { v: { type: 'string', nullable: true } },
  },
  enum: {
    type: 'object',
    properties: { unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
  },
  'an enum of all kinds': {
    type: 'object',
    properties: { v: { enum: [null, 0, 1.5, '', 'a', true, [], {}] } },
  },
  const: { type: 'object', properties: { version: { const: 2 }, kind: { const: null } } },
  defaults: {
    type: 'object',
    properties: {
      a: { default: null },
      b: { default: { c: [1, 2] } },
      d: { type: 'string', default: '' },
    },
  },
  numbers: {
    type: 'object',
    properties: {
      n: { type: 'number', minimum: -1.5, exclusiveMaximum: 1e21, multipleOf: 0.01 },
      i: { type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 },
      z: { type: 'number', const: 0 },
    },
  },
  strings: {
    type: 'object',
    properties: {
      p: { type: 'string', pattern: '^[\\p{L}\\d_-]{1,64}$\n|\\\\"', minLength: 1, maxLength: 64 },
      f: { type: 'string', format: 'date-time' },
      c: { type: 'string', contentEncoding: 'base64', contentMediaType: 'image/png' },
    },
  },
  arrays: {
    type: 'object',
    properties: {
      a: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 3, uniqueItems: true },
      t: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], items: false },
      o: { type: 'array', items: [{ type: 'string' }], additionalItems: false },
      c: { type: 'array', contains: { const: 1 }, minContains: 1, unevaluatedItems: false },
      n: { type: 'array', items: { type: 'array', items: { type: 'array', items: {} } } },
    },
  },
  'names like those of numbers': {
    type: 'object',
    properties: {
      '10': { type: 'string' },
      '2': { type: 'number' },
      '01': {},
      '-1': {},
      '1.5': {},
    },
    required: ['10', '2'],
  },
  'names in all scripts': {
    type: 'object',
    properties: {
      größe: { type: 'number' },
      名前: { type: 'string', description: '例: 東京 🗼' },
      '👩🏽‍🚀': {},
      'ÿ\u2028': {},
    },
    required: ['größe', '名前'],
  },
  'names that mean something elsewhere': {
    type: 'object',
    properties: {
      type: { type: 'string' },
      properties: { type: 'object', properties: { properties: { type: 'string' } } },
      required: { type: 'boolean' },
      $ref: { type: 'string' },
      enum: { type: 'array', items: { type: 'string' } },
      additionalProperties: { type: 'boolean' },
      cache_control: { type: 'string' },
      toString: { type: 'string' },
      constructor: { type: 'string' },
    },
    required: ['type', '$ref'],
  },
  'names that need escapes': {
    type: 'object',
    properties: { 'a"b': {}, 'c\\d': {}, 'e\nf': {}, '': {}, ' ': {}, $: {} },
  },
  'patterns of names': {
    type: 'object',
    patternProperties: { '^x-': { type: 'string' } },
    propertyNames: { pattern: '^[a-z]' },
    minProperties: 1,
    maxProperties: 9,
    unevaluatedProperties: false,
  },
  'titles, notes and examples': {
    title: 'Order',
    description: 'An order.\nWith lines, "quotes" and 漢字.',
    $comment: 'not for the model',
    type: 'object',
    properties: {
      a: {
        type: 'string',
        title: 'A',
        examples: ['x', null],
        deprecated: true,
        readOnly: true,
        writeOnly: false,
      },
    },
  },
  'keywords of vendors': {
    type: 'object',
    'x-order': ['a'],
    propertyOrdering: ['b', 'a'],
    properties: {
      a: { type: 'string', 'x-hint': { deep: [1, { two: null }] } },
      b: { type: 'string' },
    },
  },
  'what zod writes': {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      at: { type: 'string', format: 'date-time', pattern: '^(?:\\d\\d\\d\\d)-(?:0[1-9]|1[0-2])$' },
      tags: { default: [], type: 'array', items: { type: 'string' } },
      pair: {
        type: 'array',
        items: [
          { type: 'string' },
          { type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 },
        ],
      },
    },
    required: ['at', 'tags', 'pair'],
    additionalProperties: false,
  },
  'what pydantic writes': {
    $defs: { Colour: { enum: ['red', 'green'], title: 'Colour', type: 'string' } },
    properties: {
      colour: { $ref: '#/$defs/Colour', default: 'red' },
      weight: { anyOf: [{ type: 'number' }, { type: 'null' }], default: null, title: 'Weight' },
    },
    title: 'Thing',
    type: 'object',
  },
  'what an MCP server writes': {
    type: 'object',
    properties: {
      path: { type: 'string', description: 'The file.' },
      edits: {
        type: 'array',
        items: {
          type: 'object',
          properties: { oldText: { type: 'string' }, newText: { type: 'string' } },
          required: ['oldText', 'newText'],
          additionalProperties: false,
        },
      },
      dryRun: { type: 'boolean', default: false },
    },
    required: ['path', 'edits'],
    additionalProperties: false,
    $schema: 'http://json-schema.org/draft-07/schema#',
  },
  'required before properties': {
    required: ['b', 'a'],
    properties: { b: {}, a: {} },
    type: 'object',
  },
  'required and empty': { type: 'object', properties: {}, required: [] },
  'null values': {
    type: 'object',
    properties: { a: { default: null, examples: null } },
    description: null,
  },
  'an enum of a thousand': {
    type: 'object',
    properties: {
      v: { type: 'string', enum: Array.from({ length: 1_000 }, (_, at) => `value-${at}`) },
    },
  },
  'two hundred fields': {
    type: 'object',
    properties: Object.fromEntries(
      Array.from({ length: 200 }, (_, at) => [
        `field_${at}`,
        { type: 'string', description: 'x'.repeat(50) },
      ]),
    ),
  },
  'forty levels deep': Array.from({ length: 18 }).reduce<Record<string, unknown>>(
    (inner) => ({ type: 'object', properties: { inner } }),
    { type: 'string' },
  ),
}
