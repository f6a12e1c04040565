import type { Waiting } from './ports/waiting.ts'

export interface RepeatedPass {
  /** Resolves when the pass at work has ended. */
  stop(): Promise<void>
}

/** Runs a pass again and again for as long as the process lives. One that fails is reported; the next one comes. */
export function repeatPass(
  pass: (waiting: Waiting) => Promise<unknown>,
  options: { readonly everyMs: number; readonly onFault: (fault: unknown) => void },
): RepeatedPass {
  const stopping = new AbortController()
  const { signal } = stopping
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()

  const runPass = async () => {
    try {
      await pass({ signal })
    } catch (fault) {
      if (!signal.aborted) options.onFault(fault)
    }
    schedule()
  }
  const schedule = () => {
    if (signal.aborted) return
    timer = setTimeout(() => {
      running = runPass()
    }, options.everyMs)
    timer.unref()
  }
  schedule()
  return {
    stop: async () => {
      stopping.abort(new Error('the process is stopping'))
      clearTimeout(timer)
      await running
    },
  }
}
