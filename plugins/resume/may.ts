import { objectOf, type Call } from 'sluice/plugin'

const isOff = (value: unknown): boolean =>
  value === undefined || value === null || value === false || value === 0

const isEmptyList = (value: unknown): boolean =>
  isOff(value) || (Array.isArray(value) && value.length === 0)

/** What makes an answer something else than plain text, or holds it to a form from its first letter on. */
const forms = [
  'audio',
  'logprobs',
  'top_logprobs',
  'functions',
  'grammar',
  'structured_outputs',
  'guided_json',
  'guided_regex',
  'guided_choice',
  'guided_grammar',
]

const isPlain = (format: unknown): boolean => isOff(format) || objectOf(format).type === 'text'

/** Whether what the call asks for is one streamed text, the end of which another endpoint may say. */
export const mayResume = ({ operation, request }: Call): boolean => {
  const { stream, messages, n, tools, modalities, response_format } = request
  return (
    operation === 'chat' &&
    stream === true &&
    Array.isArray(messages) &&
    (isOff(n) || n === 1) &&
    isEmptyList(tools) &&
    isPlain(response_format) &&
    (isOff(modalities) ||
      (Array.isArray(modalities) && modalities.every((kind) => kind === 'text'))) &&
    forms.every((field) => isOff(request[field]))
  )
}
