import { checkClusterSettings, storeSettings } from '@semblance/cluster'
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

const settingsOfCommand = {
  ...packSettings,
  ...logSettings,
  SEMBLANCE_LOG_LEVEL: logSettings.SEMBLANCE_LOG_LEVEL.unwrap().default('warn'),
}

/** What commands on the stores of a cluster read from the environment: the same variables as its gateways, but for the queue's. */
export const storesCommandSchema = z
  .object({ ...storeSettings, ...settingsOfCommand })
  .superRefine(checkClusterSettings)

export type StoresCommandConfig = Readonly<z.output<typeof storesCommandSchema>>

/** What `semblance prepare` reads, which looks at the queue's server, too. */
export const clusterCommandSchema = z
  .object({ ...clusterSettings, ...settingsOfCommand })
  .superRefine(checkClusterSettings)

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
