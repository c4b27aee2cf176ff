/** What a signature for AWS is valid for. */
export interface AwsScope {
  readonly service: string
  readonly region: string
}

/** Read from the host, as AWS names it; `undefined` where it names no region. */
export function awsScope(url: string): AwsScope | undefined {
  const host = URL.parse(url)?.hostname ?? ''
  const region = /(?:^|\.)([a-z]{2}(?:-[a-z]+)+-\d+)(?=\.|$)/.exec(host)?.[1]
  const service = /(?:^|\.)bedrock-mantle\./.test(host) ? 'bedrock-mantle' : 'bedrock'
  return region === undefined ? undefined : { service, region }
}
