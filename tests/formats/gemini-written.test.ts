import { expect, test } from 'bun:test'
import { usualNames } from '../../src/formats/gemini/written.ts'

test('Google’s names come out in its usual spelling, at every place', () => {
  expect(
    usualNames({
      system_instruction: { parts: [{ text: 'x' }] },
      contents: [
        { role: 'user', parts: [{ inline_data: { mime_type: 'image/png', data: 'QQ==' } }] },
        {
          role: 'model',
          parts: [{ function_call: { name: 'f', args: { my_arg: 1 } }, thought_signature: 'c2ln' }],
        },
      ],
      generation_config: { max_output_tokens: 5, thinking_config: { thinking_budget: 1 } },
    }),
  ).toEqual({
    systemInstruction: { parts: [{ text: 'x' }] },
    contents: [
      { role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'QQ==' } }] },
      {
        role: 'model',
        parts: [{ functionCall: { name: 'f', args: { my_arg: 1 } }, thoughtSignature: 'c2ln' }],
      },
    ],
    generationConfig: { maxOutputTokens: 5, thinkingConfig: { thinkingBudget: 1 } },
  })
})

test('names that Google does not know stay as they are, also those that every object has', () => {
  const body = JSON.parse(
    '{"image_url":{"a_b":1},"toString":{"x":1},"contents":[{"parts":[{"text":"x","toString":[1],"constructor":"c","image_url":"u","_x":1}]}]}',
  )
  expect(usualNames(body)).toBe(body)
})
