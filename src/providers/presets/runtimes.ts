import type { Preset } from '../preset.ts'

/** On the user's own machine, at its usual port, without a key. */
const runtime = (base_url: string, quirks?: Preset['quirks']): Preset => ({
  base_url,
  env: [],
  auth: 'none',
  local: true,
  ...(quirks && { quirks }),
})

export const runtimes: Readonly<Record<string, Preset>> = {
  ollama: runtime('http://127.0.0.1:11434/v1', {
    reasoning_field: 'reasoning',
    thinking: 'effort',
    prefill: 'plain',
  }),
  lmstudio: runtime('http://127.0.0.1:1234/v1', { thinking: 'effort' }),
  llamacpp: runtime('http://127.0.0.1:8080/v1', {
    reasoning_field: 'reasoning_content',
    thinking: 'template',
    prefill: 'plain',
  }),
  vllm: runtime('http://127.0.0.1:8000/v1', { prefill: 'vllm', thinking: 'template' }),
  jan: runtime('http://127.0.0.1:1337/v1'),
  sglang: runtime('http://127.0.0.1:30000/v1', { prefill: 'vllm', thinking: 'template' }),
  localai: runtime('http://127.0.0.1:8080/v1'),
  koboldcpp: runtime('http://127.0.0.1:5001/v1', { think_tags: true }),
  tabbyapi: runtime('http://127.0.0.1:5000/v1'),
  'text-gen-webui': runtime('http://127.0.0.1:5000/v1', { think_tags: true }),
  'docker-model-runner': runtime('http://127.0.0.1:12434/engines/v1', { thinking: 'template' }),
}
