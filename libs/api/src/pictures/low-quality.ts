import type { BrokenLimit, LowQuality } from '@semblance/core'
import { z } from 'zod'

/** What of a gate a face breaks, as answers tell it. */
export const brokenLimitView = z
  .object({
    characteristic: z.string().meta({ example: 'BlurLevel' }),
    value: z.number().meta({ example: 0.91 }),
    range: z
      .array(z.number())
      .meta({ description: 'Lowest and highest that are taken.', example: [0, 0.85] }),
  })
  .meta({ id: 'BrokenLimit' })

export function viewBroken({ broken }: LowQuality): z.infer<typeof brokenLimitView>[] {
  return broken.map(({ characteristic, value, range }) => ({ characteristic, value, range: [...range] }))
}

/** Names every limit that the face breaks, with its value. */
export function explainLowQuality({ broken }: LowQuality): string {
  return `the face is refused for its quality: ${broken.map(inWords).join('; ')}`
}

function inWords({ characteristic, value, range: [low, high] }: BrokenLimit): string {
  const rounded = Number(value.toPrecision(3))
  if (value < low) return `${characteristic} is ${rounded}, and must be at least ${low}`
  return `${characteristic} is ${rounded}, and must be at most ${high}`
}
