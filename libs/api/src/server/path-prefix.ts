import type { ApiConfig } from '../api-deps.ts'

/** Path below which a proxy shows this server, such as `/semblance`; empty at the root. */
export function prefixOf({ publicUrl }: Pick<ApiConfig, 'publicUrl'>): string {
  return publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '')
}
