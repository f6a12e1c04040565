import { checkClusterSettings } from '@semblance/cluster'
import {
  clusterSettings,
  engineSettings,
  linkSettings,
  logSettings,
  opsSettings,
  packSettings,
  pictureSettings,
  stopSettings,
  workerSettings,
} from '@semblance/config'
import { z } from 'zod'

/** What a worker reads from the environment. Documented in docs/operations.md. */
export const workerConfigSchema = z
  .object({
    ...clusterSettings,
    ...engineSettings,
    ...linkSettings,
    ...packSettings,
    ...pictureSettings,
    ...opsSettings,
    ...logSettings,
    ...stopSettings,
    ...workerSettings,
  })
  .superRefine(checkClusterSettings)

export type WorkerConfig = Readonly<z.output<typeof workerConfigSchema>>
