import { inTime, LateError } from './in-time.ts'

/** Checks by name (`redis`, `mongo`). Each rejects unless the server can be used now. */
export type DependencyChecks = Readonly<Record<string, () => Promise<unknown>>>

export interface MissingDependency {
  readonly name: string
  /** The reason in words, for operators. It names no address, which may hold a password. */
  readonly reason: string
}

export interface Dependencies {
  readonly names: readonly string[]
  /** Those that cannot be used now. Never rejects, and answers within the time of one check. */
  missing(): Promise<readonly MissingDependency[]>
}

/** Kubernetes gives a health check 1 s. */
const CHECK_MS = 800

/**
 * What a process cannot serve without. Each has its own time, so that a silent one hides no other; whoever asks while a
 * look is under way gets its answer, so that health checks do not pile up on a server that is slow.
 */
export function createDependencies(checks: DependencyChecks, timeoutMs = CHECK_MS): Dependencies {
  let looking: Promise<readonly MissingDependency[]> | null = null
  const look = async () => {
    const found = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        const reason = await reasonAgainst(check, timeoutMs)
        return reason === null ? [] : [{ name, reason }]
      }),
    )
    return found.flat()
  }
  return {
    names: Object.keys(checks),
    missing: () => {
      looking ??= look().finally(() => {
        looking = null
      })
      return looking
    },
  }
}

/** Null if there is none. */
async function reasonAgainst(check: () => Promise<unknown>, timeoutMs: number): Promise<string | null> {
  try {
    await inTime(asked(check), timeoutMs)
    return null
  } catch (fault) {
    return fault instanceof LateError ? fault.message : tellable(fault)
  }
}

async function asked(check: () => Promise<unknown>): Promise<void> {
  await check()
}

/** Our own errors are made for readers; what a driver says may name addresses and users. */
function tellable(fault: unknown): string {
  const isOurs = fault instanceof Error && typeof (fault as { code?: unknown }).code === 'string'
  return isOurs && String((fault as { code?: unknown }).code).startsWith('E_')
    ? (fault as Error).message
    : 'it failed'
}
