import type { z } from 'zod'
import type { linkSettings } from './setting-groups.ts'

export type LinkSettings = Readonly<z.output<z.ZodObject<typeof linkSettings>>>

/** What the settings say to whoever fetches links. */
export function linkOptionsOf(settings: LinkSettings) {
  return {
    allowedHosts: settings.SEMBLANCE_LINK_HOSTS,
    fileRoots: settings.SEMBLANCE_LINK_ROOTS,
    s3: {
      buckets: settings.SEMBLANCE_LINK_S3_BUCKETS,
      endpoint: settings.SEMBLANCE_LINK_S3_ENDPOINT,
      region: settings.SEMBLANCE_LINK_S3_REGION,
    },
    gs: { buckets: settings.SEMBLANCE_LINK_GS_BUCKETS, endpoint: settings.SEMBLANCE_LINK_GS_ENDPOINT },
  }
}
