import * as v from 'valibot'

/** The schema with words for editors. */
export function describe<const S extends v.GenericSchema>(schema: S, text: string) {
  return v.pipe(schema, v.description(text))
}
