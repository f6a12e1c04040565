import {
  apiSettings,
  dataSettings,
  engineSettings,
  importSettings,
  keepingSettings,
  linkSettings,
  logSettings,
  packSettings,
  pictureSettings,
  stopSettings,
} from '@semblance/config'
import { z } from 'zod'

/** What standalone reads from the environment; none of it is needed. Documented in docs/operations.md. */
export const standaloneConfigSchema = z.object({
  ...apiSettings,
  ...importSettings,
  ...pictureSettings,
  ...engineSettings,
  ...linkSettings,
  ...packSettings,
  ...keepingSettings,
  ...logSettings,
  ...stopSettings,
  ...dataSettings,
})

export type StandaloneConfig = Readonly<z.output<typeof standaloneConfigSchema>>
