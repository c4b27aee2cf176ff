import { json } from '../content.ts'
import { own, type Family } from './notes.ts'

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
