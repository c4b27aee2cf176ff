import { toModel } from '../../formats/ollama.ts'

export { version } from '../../formats/ollama.ts'

/** Clients read these fields; of a model behind a gateway they are not known. */
const details = {
  parent_model: '',
  format: 'gguf',
  family: 'sluice',
  families: ['sluice'],
  parameter_size: '',
  quantization_level: '',
}

/** A model as the gateway lists it. */
interface Model {
  readonly id: string
  readonly name: string
  /** Seconds since 1970. */
  readonly created: number
  /** Tokens. */
  readonly context_length?: number
}

const modified = ({ created }: Model): string => new Date(created * 1_000).toISOString()

export const toTag = (model: Model) => ({
  name: model.id,
  model: model.id,
  modified_at: modified(model),
  size: 0,
  digest: new Bun.CryptoHasher('sha256').update(model.id).digest('hex'),
  details,
})

const usualLength = 131_072

export const toShown = (model: Model) => ({
  license: '',
  modelfile: `# ${model.id}, by Sluice\n`,
  parameters: '',
  template: '{{ .Prompt }}',
  details,
  model_info: {
    'general.architecture': 'sluice',
    'general.basename': model.name,
    'sluice.context_length': model.context_length ?? usualLength,
  },
  capabilities: ['completion', 'tools', 'vision', 'thinking'],
  modified_at: modified(model),
})

/** Whether a client means this model. */
export const isNamed = ({ id }: Model, name: string): boolean => id === name || id === toModel(name)
