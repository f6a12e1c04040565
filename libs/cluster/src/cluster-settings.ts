import { clusterSettings } from '@semblance/config'
import { z } from 'zod'

/** Says what is missing before any server is asked; for `.superRefine` of an app's schema. */
export function checkClusterSettings(settings: ClusterSettings, context: z.RefinementCtx): void {
  if (settings.SEMBLANCE_PICTURES === 's3' && settings.SEMBLANCE_S3_BUCKET === undefined) {
    const message = 'the name of a bucket, since SEMBLANCE_PICTURES is s3'
    context.addIssue({ code: 'custom', path: ['SEMBLANCE_S3_BUCKET'], message })
  }
}

const schema = z.object(clusterSettings)
export type ClusterSettings = Readonly<z.output<typeof schema>>
