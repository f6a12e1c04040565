import type { z } from 'zod'
import type { engineSettings } from './setting-groups.ts'

export type EngineSettings = Readonly<z.output<z.ZodObject<typeof engineSettings>>>

/** What the settings say to whoever runs the networks. */
export function engineOptionsOf(settings: EngineSettings) {
  return {
    threads: settings.SEMBLANCE_THREADS,
    limits: {
      maxPixels: settings.SEMBLANCE_MAX_PIXELS,
      decodingBytes: settings.SEMBLANCE_DECODING_BYTES,
      maxFaces: settings.SEMBLANCE_MAX_FACES,
    },
    executionProviders: settings.SEMBLANCE_EXECUTION_PROVIDERS,
    heicDecoder: settings.SEMBLANCE_HEIC_DECODER,
  }
}
