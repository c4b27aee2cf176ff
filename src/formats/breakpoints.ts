import type { Part, Request } from '../chat.ts'

/** OpenAI's models that can be told where a prompt's cached prefix ends. */
const able = /(^|\/)gpt-(5\.([6-9]|\d\d)|[6-9]|\d\d)/

export const takesBreakpoints = (model: string): boolean => able.test(model)

/** A part whose breakpoint is OpenAI's where the model takes it, and else none. */
export const withBreakpoint = (part: Part, taken: boolean): Part => {
  if (part.cache_control === undefined) return part
  const { cache_control, ...rest } = part
  return cache_control && taken ? { ...rest, prompt_cache_breakpoint: { mode: 'explicit' } } : rest
}

/** The request, whose parts have OpenAI's breakpoints or none. */
export const withBreakpoints = (request: Request, model: string): Request => {
  const taken = takesBreakpoints(model)
  return {
    ...request,
    ...(request.messages && {
      messages: request.messages.map((message) =>
        Array.isArray(message.content)
          ? {
              ...message,
              content: message.content.map((part: Part) => withBreakpoint(part, taken)),
            }
          : message,
      ),
    }),
  }
}
