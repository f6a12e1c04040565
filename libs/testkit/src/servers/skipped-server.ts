import { describe } from 'vitest'

/** Why a test server is not to be had; tests print it and skip. */
export interface SkippedServer {
  readonly skipped: string
}

/** Throws instead where `TEST_REQUIRED_SERVERS` (as CI sets it) names the server: its tests must not be skipped there. */
export function skippedServer(name: 'redis' | 'mongo' | 'qdrant', reason: string): SkippedServer {
  const required = (process.env.TEST_REQUIRED_SERVERS ?? '').split(',')
  if (required.includes(name)) throw new Error(`tests that need ${name} are required here: ${reason}`)
  return { skipped: reason }
}

/** A suite that cannot run here, in its place; the reason is printed, since reporters keep names of skipped suites to themselves. */
export function skipSuite(what: string, { skipped }: SkippedServer): void {
  process.stdout.write(`skipped: ${what}: ${skipped}\n`)
  describe.skip(`${what}: ${skipped}`, () => {})
}
