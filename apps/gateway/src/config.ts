import { checkClusterSettings } from '@semblance/cluster'
import {
  apiSettings,
  clusterSettings,
  gatewayStopSettings,
  importSettings,
  linkSettings,
  logSettings,
  opsSettings,
  packSettings,
  pictureSettings,
  stopSettings,
} from '@semblance/config'
import { z } from 'zod'

/** What a gateway reads from the environment. Documented in docs/operations.md. */
export const gatewayConfigSchema = z
  .object({
    ...apiSettings,
    ...importSettings,
    ...linkSettings,
    ...pictureSettings,
    ...packSettings,
    ...clusterSettings,
    ...opsSettings,
    ...logSettings,
    ...stopSettings,
    ...gatewayStopSettings,
  })
  .superRefine(checkClusterSettings)

export type GatewayConfig = Readonly<z.output<typeof gatewayConfigSchema>>
