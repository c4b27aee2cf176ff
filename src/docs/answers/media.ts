import * as v from 'valibot'
import { failure } from './errors.ts'
import { count, provider, seconds, text } from './scalars.ts'

const image = v.looseObject({
  b64_json: v.optional(text('The image in base64.')),
  url: v.optional(text('Where the image is, for a while.')),
  revised_prompt: v.optional(text('What the provider made of the prompt.')),
})

const reranked = v.looseObject({
  index: v.pipe(count, v.description('The document’s place in the request.')),
  relevance_score: v.pipe(v.number(), v.description('More is nearer to the query.')),
  document: v.looseObject({ text: v.optional(v.string()) }),
})

const moderated = v.looseObject({
  flagged: v.boolean(),
  categories: v.pipe(
    v.record(v.string(), v.boolean()),
    v.description('What it was flagged for, by kind.'),
  ),
  category_scores: v.pipe(v.record(v.string(), v.number()), v.description('From 0 to 1.')),
})

const billed = v.pipe(
  v.looseObject({ type: v.optional(v.string()), seconds: v.optional(v.number()) }),
  v.description('Seconds or tokens, as the provider counts.'),
)

/** What is answered about images, sound and lists of texts. */
export const media = {
  Ranking: v.pipe(
    v.looseObject({ id: v.string(), model: v.string(), provider, results: v.array(reranked) }),
    v.description('The documents, the nearest first.'),
  ),
  Moderation: v.pipe(
    v.looseObject({ id: v.string(), model: v.string(), provider, results: v.array(moderated) }),
    v.description('One result for each input.'),
  ),
  Images: v.pipe(
    v.looseObject({ created: seconds, provider, data: v.array(image) }),
    v.description('The images.'),
  ),
  ImageEvent: v.pipe(
    v.looseObject({
      type: v.pipe(
        v.string(),
        v.examples(['image_generation.partial_image', 'image_generation.completed']),
      ),
      b64_json: v.optional(v.string()),
      error: v.optional(failure),
    }),
    v.description('An image, whole or still unfinished, or an error.'),
  ),
  Transcription: v.pipe(
    v.looseObject({ text: v.string(), provider, usage: v.optional(billed) }),
    v.description('What was said; with `verbose_json`, when and in which language too.'),
  ),
  TranscriptionEvent: v.pipe(
    v.looseObject({
      type: v.pipe(v.string(), v.examples(['transcript.text.delta', 'transcript.text.done'])),
      delta: v.optional(text('What is added.')),
      text: v.optional(text('All of it, at the end.')),
      error: v.optional(failure),
    }),
    v.description('A piece of what was said, all of it, or an error.'),
  ),
} as const
