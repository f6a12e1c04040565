import type { InferenceSession } from './onnx-runtime.ts'

/** Runs a network; `outputs`: the names of those that are wanted. */
export type RunNetwork = (
  inputs: InferenceSession.FeedsType,
  outputs: string[],
) => Promise<InferenceSession.ReturnType>

interface Session {
  readonly run: RunNetwork
  readonly release: () => Promise<void>
}

/** Long enough for a batch of pictures one after the other, each with its decoding and its other networks. */
const KEPT_MS = 3_000

/**
 * Runs a session that is opened when it is wanted, and released once nothing has run for a while. The runtime keeps the
 * room for a network's intermediate results until the session is released: 230 MB after 1600 x 1600 pixels. To do
 * without such a store (`enableCpuMemArena`) takes four times as long; to open the session takes 25 ms beside the 165 of
 * a run.
 *
 * @param keptMs how long nothing runs before it is released
 */
export function sparingSession(open: () => Promise<Session>, keptMs = KEPT_MS): RunNetwork {
  let opened: Promise<Session> | null = null
  let running = 0
  let release: NodeJS.Timeout | undefined
  const openAgain = () =>
    open().catch((error: unknown) => {
      opened = null
      throw error
    })
  const releaseIt = () => {
    const idle = opened
    opened = null
    // Nobody waits for it, and the next run has a session of its own.
    idle?.then((session) => session.release()).catch(() => undefined)
  }
  return async (inputs, outputs) => {
    clearTimeout(release)
    running++
    try {
      opened ??= openAgain()
      return await (await opened).run(inputs, outputs)
    } finally {
      running--
      if (running === 0) release = setTimeout(releaseIt, keptMs).unref()
    }
  }
}
