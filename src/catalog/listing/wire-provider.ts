import type { ProviderConfig } from '../../config.ts'
import type { Fields } from '../../fields.ts'

/** A provider as OpenRouter shows it; `slug` is what preferences name it by. */
export const toWireProvider = ({ name }: ProviderConfig): Fields => ({
  name,
  slug: name,
  privacy_policy_url: null,
  terms_of_service_url: null,
  status_page_url: null,
  headquarters: null,
  datacenters: null,
})
