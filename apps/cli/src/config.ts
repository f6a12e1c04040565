import { apiSettings, clusterSettings, opsSettings } from '@semblance/config'
import { z } from 'zod'

/** What `semblance dev-cluster` reads itself; the gateway and the worker that it starts read the rest. */
export const devClusterSchema = z.object({
  SEMBLANCE_HOST: apiSettings.SEMBLANCE_HOST,
  SEMBLANCE_PORT: apiSettings.SEMBLANCE_PORT,
  SEMBLANCE_OPS_HOST: opsSettings.SEMBLANCE_OPS_HOST,
  SEMBLANCE_OPS_PORT: opsSettings.SEMBLANCE_OPS_PORT.unwrap().optional(),
  SEMBLANCE_REDIS_URL: clusterSettings.SEMBLANCE_REDIS_URL.optional(),
  SEMBLANCE_MONGO_URL: clusterSettings.SEMBLANCE_MONGO_URL.optional(),
  SEMBLANCE_QDRANT_URL: clusterSettings.SEMBLANCE_QDRANT_URL.optional(),
})

export type DevClusterConfig = Readonly<z.output<typeof devClusterSchema>>
