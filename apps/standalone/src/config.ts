import {
  apiSettings,
  bytes,
  engineSettings,
  importSettings,
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
  ...importSettings,
  ...pictureSettings,
  ...engineSettings,
  ...linkSettings,
  ...packSettings,
  ...keepingSettings,
  ...logSettings,
  SEMBLANCE_DATA: text().default('./data'),
  /** Enrollment leaves so much free, so that deleting has always room. */
  SEMBLANCE_DISK_RESERVE: bytes().default(64_000_000),
})

export type StandaloneConfig = Readonly<z.output<typeof standaloneConfigSchema>>
