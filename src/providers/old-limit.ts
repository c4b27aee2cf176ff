/** The older name of the limit, which every provider knows. Source: LiteLLM, openai_like/providers.json. */
export const old_limit = { rename: { max_completion_tokens: 'max_tokens' } } as const
