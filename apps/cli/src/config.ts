import { checkClusterSettings } from '@semblance/cluster'
import { clusterSettings, logSettings, packSettings } from '@semblance/config'
import { z } from 'zod'

/** What commands on a running cluster read from the environment: the same variables as its gateways. */
export const clusterCommandSchema = z
  .object({ ...clusterSettings, ...packSettings, ...logSettings })
  .extend({ SEMBLANCE_LOG_LEVEL: logSettings.SEMBLANCE_LOG_LEVEL.unwrap().default('warn') })
  .superRefine(checkClusterSettings)

export type ClusterCommandConfig = Readonly<z.output<typeof clusterCommandSchema>>
