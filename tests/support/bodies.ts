const vector = [0.01171875, -0.5, 0.25, 0.0078125, 1, -0.75, 0, 0.125]

const base64 = Buffer.from(new Float32Array(vector).buffer).toString('base64')

/** OpenAI's embeddings answer for a request, in the encoding it asks for. */
export const embeddingsBody = (request: any) => {
  const inputs = Array.isArray(request?.input) ? request.input : [request?.input]
  return {
    object: 'list',
    data: inputs.map((_: unknown, index: number) => ({
      object: 'embedding',
      index,
      embedding: request?.encoding_format === 'base64' ? base64 : vector,
    })),
    model: request?.model,
    usage: { prompt_tokens: 8, total_tokens: 8 },
  }
}

/** The vector that every embedding is. */
export const embedding: readonly number[] = vector

export const modelsBody = (name: string) => ({
  object: 'list',
  data: ['m', 'llama-3.3-70b'].map((id) => ({
    id,
    object: 'model',
    created: 1757000000,
    owned_by: name,
  })),
})
