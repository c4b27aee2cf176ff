import type { Ask, Tool } from '../ask.ts'

/** A schema with all that translations like to lose. */
const weatherSchema = {
  type: 'object',
  properties: {
    city: { type: 'string', description: 'Name of the city, as its people write it.' },
    unit: { anyOf: [{ type: 'string', enum: ['celsius', 'fahrenheit'] }, { type: 'null' }] },
    near: { $ref: '#/$defs/place' },
  },
  required: ['city', 'unit'],
  additionalProperties: false,
  $defs: {
    place: {
      type: 'object',
      properties: { lat: { type: 'number' }, lon: { type: 'number' } },
      required: ['lat', 'lon'],
      additionalProperties: false,
    },
  },
}

export const weather: Tool = {
  name: 'get_weather',
  description: 'The weather of a city – °C or °F.',
  schema: weatherSchema,
}

export const time: Tool = {
  name: 'get_time',
  description: 'The time in a zone.',
  schema: {
    type: 'object',
    properties: { timezone: { type: 'string' }, label: { type: 'string' } },
    required: ['timezone'],
    additionalProperties: false,
  },
}

export const listing: Tool = {
  name: 'list_files',
  description: 'All files.',
  schema: { type: 'object', properties: {}, additionalProperties: false },
}

export const citySchema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    population: { type: 'integer' },
    tags: { type: 'array', items: { $ref: '#/$defs/tag' } },
    mayor: { anyOf: [{ type: 'string' }, { type: 'null' }] },
  },
  required: ['name', 'population', 'tags', 'mayor'],
  additionalProperties: false,
  $defs: { tag: { type: 'string' } },
}

export const question: Ask = {
  system: 'You know the weather. 漢字 "quoted"',
  turns: [{ role: 'user', text: 'How is the weather in Zürich? ☀️' }],
  tools: [weather, time],
}

export const dot = {
  mime: 'image/png',
  base64:
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/q842iQAAAABJRU5ErkJggg==',
}

export const paper = {
  mime: 'application/pdf',
  base64: Buffer.from('%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\n%%EOF\n').toString('base64'),
}
