import { GatewayError } from '../errors.ts'
import type { Dialect } from './dialect.ts'

export const anthropic: Dialect = {
  format: 'anthropic',
  operations: [],
  encode: () => {
    throw new GatewayError('operation_not_supported')
  },
  decodeWhole: () => ({ chunks: [] }),
  async *decodeStream() {
    return 'eof'
  },
}
