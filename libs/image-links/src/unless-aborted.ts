/** Work that does not listen to its signal must not hold the caller. */
export async function unlessAborted<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let giveUp = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(signal.reason)
  })
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([task(), aborted])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
