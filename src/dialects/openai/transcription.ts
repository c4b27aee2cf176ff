import type { Request } from '../../chat.ts'

/** The audio of a request, as OpenRouter's JSON has it; a form's file is told the same way. */
export interface InputAudio {
  /** Base64. */
  readonly data: string
  readonly format?: string
  readonly filename?: string
  readonly content_type?: string
}

/** A transcription's request as the form that servers of OpenAI's take; lists become repeated fields. */
export const toForm = (request: Request, model: string, dropped: readonly string[]): FormData => {
  const { input_audio, model: _asked, ...rest } = request
  const { data = '', format = 'wav', filename, content_type } = (input_audio ?? {}) as InputAudio
  const type = content_type ?? `audio/${format === 'mp3' ? 'mpeg' : format}`
  const form = new FormData()
  form.append(
    'file',
    new Blob([Buffer.from(data, 'base64')], { type }),
    filename ?? `audio.${format}`,
  )
  form.append('model', model)
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined || value === null || dropped.includes(name)) continue
    if (Array.isArray(value)) for (const item of value) form.append(`${name}[]`, String(item))
    else form.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  return form
}
