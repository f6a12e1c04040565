import { ProcessTrust } from './process-trust.ts'
import { say } from './say.ts'
import { stopWithLauncher } from './stop-signal.ts'

/** Errors of these names carry a sentence that a person can act on; see those classes. */
const FOR_PEOPLE: ReadonlySet<string> = new Set([
  'AppError',
  'ConfigError',
  'ListenError',
  'ProcessLimitError',
])

/**
 * What is under way after a failure may take so long to end: a file system that does not answer would hold the
 * process for ever.
 */
const LINGER_MS = 10_000

/**
 * An app's `main`: a failure is told to whoever started it, and the process ends with exit code 1. So does one that
 * stopped because it could no longer be trusted. The process also stops with its launcher. `blame` as in `ProcessTrustDeps`.
 */
export async function runProcess(
  main: (trust: ProcessTrust) => Promise<void>,
  blame: (fault: unknown) => boolean = () => false,
): Promise<void> {
  const trust = new ProcessTrust({ blame })
  trust.watch()
  stopWithLauncher()
  try {
    await main(trust)
  } catch (error) {
    say(`semblance: ${explain(error)}`)
    process.exitCode = 1
  }
  // Something that was left half done may hold the process.
  if (trust.isLost) process.exit(1)
  if (process.exitCode === 1) setTimeout(() => process.exit(1), LINGER_MS).unref()
}

/** What a person can act on is said in one line; anything else is a mistake of ours and keeps its stack. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (FOR_PEOPLE.has(error.name)) return error.message
  const { code, message, stack } = error as NodeJS.ErrnoException
  return code === undefined ? (stack ?? message) : message
}
