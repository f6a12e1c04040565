import { checkClusterSettings } from '@semblance/cluster'
import {
  apiSettings,
  clusterSettings,
  dataSettings,
  engineSettings,
  gatewayStopSettings,
  importSettings,
  keepingSettings,
  linkSettings,
  logSettings,
  opsSettings,
  packSettings,
  pictureSettings,
  stopSettings,
  workerSettings,
} from '@semblance/config'
import { z } from 'zod'

/** What commands on a running cluster read from the environment: the same variables as its gateways. */
export const clusterCommandSchema = z
  .object({ ...clusterSettings, ...packSettings, ...logSettings })
  .extend({ SEMBLANCE_LOG_LEVEL: logSettings.SEMBLANCE_LOG_LEVEL.unwrap().default('warn') })
  .superRefine(checkClusterSettings)

export type ClusterCommandConfig = Readonly<z.output<typeof clusterCommandSchema>>

const settingsOfBoth = {
  ...apiSettings,
  ...importSettings,
  ...pictureSettings,
  ...engineSettings,
  ...linkSettings,
  ...packSettings,
  ...keepingSettings,
  ...logSettings,
  ...stopSettings,
}

/** What `semblance doctor` judges where there is no cluster: the settings of standalone. */
export const standaloneDoctorSchema = z.object({ ...settingsOfBoth, ...dataSettings })

/** What it judges in a cluster: the settings of gateways and workers together. */
export const clusterDoctorSchema = z
  .object({
    ...settingsOfBoth,
    ...gatewayStopSettings,
    ...clusterSettings,
    ...opsSettings,
    ...workerSettings,
  })
  .superRefine(checkClusterSettings)
