import { json } from '../content.ts'
import * as samples from '../samples/daemon.ts'
import { inference, listing, own, read, type Family } from './notes.ts'

const operations: Family['operations'] = {
  'GET /health': {
    id: 'getHealth',
    summary: 'Is the daemon alive?',
    description: 'Answers as long as the process runs. It asks no provider.',
    answer: { description: 'It is.', content: json('Health', { status: 'ok' }) },
    headers: own,
  },
  'GET /ready': {
    id: 'getReadiness',
    summary: 'Does the daemon take new calls?',
    description: 'For load balancers: once the daemon is shutting down, it finishes what it began.',
    answer: {
      description: 'It does.',
      content: json('Readiness', { status: 'ready', in_flight: 0 }),
    },
    otherwise: {
      503: {
        description: 'It is shutting down.',
        content: json('Readiness', { status: 'draining', in_flight: 1 }),
      },
    },
    headers: own,
  },
  'GET /api/health': {
    id: 'getProviderHealth',
    summary: 'How are the providers?',
    description:
      'Every provider with its keys, by their places in the configuration, and with the endpoints that routes name or that were asked lately: whether they are well, rest after failures, or are being tried again; how much of the time they answered, how soon and how fast. A key that the provider refused rests alone; a provider with `probe` rests while it does not answer.',
    answer: { description: 'Their health.', content: json('ProviderHealth', samples.health) },
    refusals: listing,
    headers: read,
  },
  'POST /api/route': {
    id: 'decideRoute',
    summary: 'Where would a request go?',
    description:
      'The endpoints that would be asked, in their order, and which filter took out the others. Nothing is sent. The body is a chat request, of which only `model` is needed.',
    request: 'ChatCompletionRequest',
    examples: {
      model: {
        summary: 'A request',
        value: { model: 'demo/demo', messages: [{ role: 'user', content: 'Say hello.' }] },
      },
    },
    answer: {
      description: 'The decision.',
      content: json('Decision', {
        requested: ['demo/demo'],
        strategy: 'direct',
        summary: '',
        fallbacks: true,
        candidates: [{ endpoint: 'demo/demo', model: 'demo/demo', route: 'demo/*', notes: [] }],
        excluded: [],
        options: {},
      }),
    },
    refusals: inference,
    headers: ['x-generation-id'],
  },
  'GET /api/queue': {
    id: 'getQueues',
    summary: 'Who waits for whom?',
    description:
      'For each provider: the calls that it is answering, what it may still be sent in this minute, and the calls that wait for it, with their callers and the time that each will probably take. Never what they ask.',
    answer: {
      description: 'All providers.',
      content: json('Queues', {
        object: 'list',
        data: [
          {
            provider: 'box',
            in_flight: 2,
            max_concurrent: 2,
            limits: { requests: 60 },
            left: { requests: 41 },
            queue: 256,
            waiting: [
              {
                position: 1,
                caller: 'laptop',
                model: 'fast/chat',
                waited_ms: 1204,
                estimate_ms: 3100,
              },
            ],
          },
        ],
      }),
    },
    refusals: listing,
    headers: ['x-generation-id', ...own],
  },
  'HEAD /api/hello': {
    id: 'greet',
    summary: 'Is anybody there?',
    description: 'How Claude Code finds out before it asks. No provider is asked.',
    answer: { description: 'Yes.' },
    headers: own,
  },
  'GET /version': {
    id: 'getVersion',
    summary: 'Which version runs?',
    description: 'The versions of Sluice and of the Bun that runs it.',
    answer: {
      description: 'The versions.',
      content: json('Version', { name: 'sluice', version: '0.1.0', bun: '1.4.5' }),
    },
    headers: own,
  },
}

export const daemon: Family = {
  places: { '': { tag: 'Daemon', id: '', form: 'OpenAI' } },
  operations,
}
