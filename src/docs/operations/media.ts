import { bytes, events, json, plain } from '../content.ts'
import { schemaRef } from '../schemas.ts'
import * as samples from '../samples/media.ts'
import { asked, inference, modelHelp, type Family, cached, type OperationNotes } from './notes.ts'
import { caching, switches } from './sent.ts'
import { places } from './openai.ts'

const model = 'demo/demo'
const image = { model, prompt: 'A cat on a sluice gate.' }
const sound = { model, input_audio: { data: samples.silence, format: 'wav' } }

const images: Omit<OperationNotes, 'id' | 'summary'> = {
  description: `With \`"stream": true\` the images come as server-sent events, then \`[DONE]\`. ${modelHelp}`,
  request: 'ImageRequest',
  examples: {
    whole: { summary: 'An image', value: image },
    streamed: { summary: 'As a stream', value: { ...image, stream: true } },
  },
  answer: {
    description: 'The images, whole or as a stream.',
    content: {
      ...json('Images', samples.images),
      ...events({
        schema: 'ImageEvent',
        example: samples.imageStream,
        names: {
          'image_generation.partial_image': 'an image that is not finished yet.',
          'image_generation.completed': 'an image.',
          error: 'what went wrong.',
        },
      }),
    },
  },
  refusals: inference,
  headers: asked,
  sent: switches,
}

const operations: Family['operations'] = {
  'POST /rerank': {
    id: 'createRanking',
    summary: 'Sort texts by a query',
    description: `The documents that answer a query best come first, in the form of Cohere, Jina, Voyage and OpenRouter. ${modelHelp}`,
    request: 'RerankRequest',
    examples: {
      all: { summary: 'All documents', value: samples.rerankRequest },
      best: { summary: 'Only the best', value: { ...samples.rerankRequest, top_n: 1 } },
    },
    answer: { description: 'The ranking.', content: json('Ranking', samples.ranking) },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'POST /moderations': {
    id: 'createModeration',
    summary: 'Is a text harmful?',
    description: `What a model would flag in texts or images. ${modelHelp}`,
    request: 'ModerationRequest',
    examples: {
      one: { summary: 'One text', value: { model, input: 'I am in a good mood.' } },
      several: { summary: 'Several texts', value: { model, input: ['Hello', 'Goodbye'] } },
    },
    answer: {
      description: 'A result for each text.',
      content: json('Moderation', samples.moderation),
    },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'POST /images/generations': { id: 'createImage', summary: 'Make an image', ...images },
  'POST /images': {
    id: 'createImageInShort',
    summary: 'Make an image, at OpenRouter’s address',
    ...images,
  },
  'POST /audio/speech': {
    id: 'createSpeech',
    summary: 'Say a text',
    description: `The answer is sound, as the provider sends it. ${modelHelp}`,
    request: 'SpeechRequest',
    examples: {
      speech: { summary: 'A greeting', value: { model, input: 'Good morning.', voice: 'alloy' } },
    },
    answer: {
      description: 'The sound, of the type that the provider names.',
      content: bytes('audio/wav', 'audio/mpeg', 'audio/ogg', 'audio/aac', 'audio/flac'),
    },
    refusals: inference,
    headers: asked,
    sent: switches,
  },
  'POST /audio/transcriptions': {
    id: 'createTranscription',
    summary: 'Write down what is said',
    description: `Takes a form with a file, as OpenAI has it, or OpenRouter’s JSON with the sound in base64. With \`"stream": true\` the text comes as server-sent events, then \`[DONE]\`. ${modelHelp}`,
    request: 'TranscriptionRequest',
    examples: {
      json: { summary: 'As JSON', value: sound },
      text: { summary: 'As plain text', value: { ...sound, response_format: 'text' } },
      streamed: { summary: 'As a stream', value: { ...sound, stream: true } },
    },
    otherBodies: { 'multipart/form-data': { schema: schemaRef('TranscriptionForm') } },
    answer: {
      description: 'The text: JSON, plain (`text`, `srt`, `vtt`) or as a stream.',
      content: {
        ...json('Transcription', samples.transcription),
        ...plain(samples.transcript),
        ...events({ schema: 'TranscriptionEvent', example: samples.transcriptionStream }),
      },
    },
    refusals: inference,
    headers: asked,
    sent: switches,
  },
}

export const media: Family = { places, operations }
