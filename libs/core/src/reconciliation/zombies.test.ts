import { createStealableExclusive, describeZombies, openTestGallery, USE_CASES } from '../testing/index.ts'

const MINUTE = 60_000

// Two minutes on: whoever wakes finds its work given up, and a clock that is a minute wrong must not matter either.
for (const skewMs of [0, -MINUTE, MINUTE]) {
  for (const [name, prepare] of Object.entries(USE_CASES)) {
    const maxPoints = skewMs === 0 ? 200 : 20
    await describeZombies({ name, prepare, sleepMs: 2 * MINUTE, skewMs, maxPoints }, () =>
      openTestGallery({ exclusive: createStealableExclusive() }),
    )
  }
}
