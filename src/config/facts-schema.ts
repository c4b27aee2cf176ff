import * as v from 'valibot'
import { weekdays } from '../catalog/pricing.ts'
import { describe } from './describe.ts'
import { quantizations } from '../preferences.ts'
import { count } from './scalars.ts'

const price = v.exactOptional(
  v.pipe(
    v.number('expected dollars per million tokens'),
    v.minValue(0, 'expected a price that is not negative'),
  ),
)

const rates = {
  prompt: describe(price, 'A million tokens of a prompt, in dollars, as all of these.'),
  completion: describe(price, 'A million tokens of an answer.'),
  internal_reasoning: describe(
    price,
    'A million tokens of reasoning, where they cost another price.',
  ),
  input_cache_read: describe(price, 'A million tokens read from the cache.'),
  input_cache_write: describe(price, 'A million tokens written to the cache.'),
  input_cache_write_1h: describe(price, 'The same, to be kept for an hour.'),
  audio: describe(price, 'A million tokens of audio sent.'),
  audio_output: describe(price, 'A million tokens of audio received.'),
  input_audio_cache: describe(price, 'A million tokens of audio read from the cache.'),
  image_token: describe(price, 'A million tokens of images sent.'),
  image_output: describe(price, 'A million tokens of images received.'),
  image: describe(price, 'One image sent.'),
  request: describe(price, 'One request.'),
  web_search: describe(price, 'One web search.'),
}

const time = v.exactOptional(
  v.pipe(
    v.number('expected a time such as 1630'),
    v.integer('expected a time such as 1630'),
    v.check((hhmm) => hhmm >= 0 && hhmm <= 2400 && hhmm % 100 < 60, 'expected a time such as 1630'),
  ),
)

export const pricingSchema = v.strictObject({
  ...rates,
  overrides: describe(
    v.exactOptional(
      v.array(
        v.strictObject({
          min_prompt_tokens: describe(v.exactOptional(count), 'For prompts of more tokens.'),
          utc_start: describe(time, 'From this time of the day, HHMM in UTC …'),
          utc_end: describe(time, '… until before this one.'),
          utc_days: describe(v.exactOptional(v.array(v.picklist(weekdays))), 'On these days.'),
          ...rates,
        }),
      ),
    ),
    'Other prices for long prompts or hours of the day; the last that fits wins.',
  ),
})

const words = v.array(v.pipe(v.string(), v.nonEmpty('is empty')))

/** What the YAML knows better about a model. */
export const factsSchema = v.strictObject({
  name: describe(v.exactOptional(v.string()), 'As people read it.'),
  description: describe(v.exactOptional(v.string()), 'What it is good for.'),
  family: describe(v.exactOptional(v.string()), 'What ~author/family-latest finds it by.'),
  context_length: describe(v.exactOptional(count), 'Tokens of prompt and answer together.'),
  max_completion_tokens: describe(v.exactOptional(count), 'Most tokens of an answer.'),
  input_modalities: describe(v.exactOptional(words), 'text, image, file, audio, video.'),
  output_modalities: describe(v.exactOptional(words), 'text, image, audio, embeddings.'),
  supported_parameters: describe(v.exactOptional(words), 'Such as tools, response_format, seed.'),
  reasoning: describe(
    v.exactOptional(
      v.strictObject({
        mandatory: describe(v.exactOptional(v.boolean()), 'It always does.'),
        default_enabled: describe(v.exactOptional(v.boolean()), 'It does unless told not to.'),
        default_effort: describe(
          v.exactOptional(v.nullable(v.string())),
          'How hard, when nothing is said.',
        ),
        supported_efforts: describe(
          v.exactOptional(v.nullable(words)),
          'Such as low, medium, high.',
        ),
        supports_max_tokens: describe(v.exactOptional(v.boolean()), 'It takes a budget of tokens.'),
      }),
    ),
    'How it can be told to think.',
  ),
  pricing: describe(v.exactOptional(pricingSchema), 'What it costs.'),
  quantization: describe(v.exactOptional(v.picklist(quantizations)), 'Precision of its weights.'),
  distillable: describe(v.exactOptional(v.boolean()), 'Its answers may train other models.'),
})
