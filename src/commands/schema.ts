import { toJsonSchema } from '@valibot/to-json-schema'
import { jsonSchema } from '../config.ts'
import { builtinNames, builtinDefinition } from '../plugins.ts'
import { openDoor } from '../door.ts'

/** The JSON Schema of the YAML, the built-in plugins' options included. */
export const configSchema = async (): Promise<object> => {
  openDoor()
  const names = builtinNames()
  const schemas = await Promise.all(
    names.map(async (name) => {
      const { options } = await builtinDefinition(name)
      return [
        name,
        toJsonSchema(options, { typeMode: 'input', errorMode: 'ignore', target: 'draft-07' }),
      ] as const
    }),
  )
  return jsonSchema(Object.fromEntries(schemas))
}

export const schema = async (): Promise<number> => {
  console.log(JSON.stringify(await configSchema(), undefined, 2))
  return 0
}
