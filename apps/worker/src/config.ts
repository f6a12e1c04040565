import { checkClusterSettings } from '@semblance/cluster'
import {
  clusterSettings,
  engineSettings,
  linkSettings,
  list,
  logSettings,
  oneOf,
  opsSettings,
  packSettings,
  pictureSettings,
} from '@semblance/config'
import { LANES } from '@semblance/core'
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
    SEMBLANCE_WORKER_LANES: list(oneOf(LANES)).default(LANES),
  })
  .superRefine(checkClusterSettings)

export type WorkerConfig = Readonly<z.output<typeof workerConfigSchema>>
