import { getDotPath, type BaseIssue } from 'valibot'
import { GatewayError } from '../errors.ts'

/** A schema's own words quote what came. */
const isOurs = ({ message }: BaseIssue<unknown>): boolean => !message.startsWith('Invalid ')

/**
 * What is wrong with what a request says of something of its own, such as `plugins[1]`; nothing of the request is in it.
 * @param place where that stands in the request
 */
export const invalidAt = (place: string, issue: BaseIssue<unknown>): GatewayError => {
  const param = [place, getDotPath(issue)].filter(Boolean).join('.')
  const { expected } = issue
  const wanted = expected === 'never' ? 'nothing of that name' : (expected ?? 'another value')
  const said = isOurs(issue) ? issue.message : `expected ${wanted}`
  return new GatewayError('invalid_request_error', { param, message: `${param}: ${said}.` })
}

/** What is wrong with a request, and where; nothing of the request is in it. */
export const invalidRequest = (issue: BaseIssue<unknown>): GatewayError => {
  const param = getDotPath(issue)
  const { expected } = issue
  const expectation = `expected ${expected === null || expected === 'any' ? 'a value' : expected}`
  return new GatewayError('invalid_request_error', {
    param,
    message: `${param ?? 'The body'}: ${isOurs(issue) ? issue.message : expectation}.`,
  })
}
