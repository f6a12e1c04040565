import {
  apiSettings,
  engineSettings,
  keepingSettings,
  linkSettings,
  logSettings,
  packSettings,
  pictureSettings,
  text,
} from '@semblance/config'
import { z } from 'zod'

/** What standalone reads from the environment; none of it is needed. Documented in docs/operations.md. */
export const standaloneConfigSchema = z.object({
  ...apiSettings,
  ...pictureSettings,
  ...engineSettings,
  ...linkSettings,
  ...packSettings,
  ...keepingSettings,
  ...logSettings,
  SEMBLANCE_DATA: text().default('./data'),
})

export type StandaloneConfig = Readonly<z.output<typeof standaloneConfigSchema>>
