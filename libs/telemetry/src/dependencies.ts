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
  /** All of them, and since when each is as it is. Asked as `missing` is. */
  standing(): Promise<readonly StandingDependency[]>
}

export interface StandingDependency {
  readonly name: string
  readonly isUp: boolean
  /** Milliseconds since the Unix epoch: when this process first saw it so. */
  readonly sinceMs: number
  /** Null while it is up. */
  readonly reason: string | null
}

/** Kubernetes gives a health check 1 s. */
const CHECK_MS = 800

/**
 * What a process cannot serve without. Each has its own time, so that a silent one hides no other; whoever asks while a
 * look is under way gets its answer, so that health checks do not pile up on a server that is slow.
 */
export function createDependencies(
  checks: DependencyChecks,
  { timeoutMs = CHECK_MS, now = Date.now }: { readonly timeoutMs?: number; readonly now?: () => number } = {},
): Dependencies {
  const seen = new Map<string, { readonly isUp: boolean; readonly sinceMs: number }>()
  const note = (name: string, isUp: boolean) => {
    if (seen.get(name)?.isUp !== isUp) seen.set(name, { isUp, sinceMs: now() })
  }
  let looking: Promise<readonly MissingDependency[]> | null = null
  const look = async () => {
    const found = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        const reason = await reasonAgainst(check, timeoutMs)
        note(name, reason === null)
        return reason === null ? [] : [{ name, reason }]
      }),
    )
    return found.flat()
  }
  const names = Object.keys(checks)
  const missing = () => {
    looking ??= look().finally(() => {
      looking = null
    })
    return looking
  }
  const standing = async () => {
    const reasons = new Map((await missing()).map(({ name, reason }) => [name, reason]))
    return names.map((name) => {
      const isUp = !reasons.has(name)
      return { name, isUp, sinceMs: seen.get(name)?.sinceMs ?? now(), reason: reasons.get(name) ?? null }
    })
  }
  return { names, missing, standing }
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
