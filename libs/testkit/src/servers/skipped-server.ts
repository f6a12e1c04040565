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
