import type { Fields } from '../../fields.ts'
import type { Model } from '../model.ts'
import { detailsOf, inputsOf, outputsOf } from './wire-model.ts'

/** A model that makes images, as OpenRouter lists them; what it can be told is not known in OpenRouter's words. */
export const toWireImageModel = (model: Model): Fields => ({
  id: model.id,
  name: model.name,
  description: model.description ?? '',
  created: model.created,
  architecture: { input_modalities: inputsOf(model), output_modalities: outputsOf(model) },
  supported_parameters: {},
  supports_streaming: false,
  endpoints: detailsOf(model.id),
})
