/** A stream that the browser gave up is opened anew after this. */
const AGAIN_MS = 3000

/**
 * Follows the `progress` events of an address until it is told to stop. The browser itself comes back after a broken
 * connection, but not after an answer such as 502, which a proxy gives while the server starts anew.
 */
export function followEvents(address: string, onProgress: (data: string) => void): () => void {
  let events: EventSource | null = null
  let timer: number | undefined
  const open = () => {
    const source = new EventSource(address)
    events = source
    source.addEventListener('progress', ({ data }: MessageEvent<string>) => onProgress(data))
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) timer = window.setTimeout(open, AGAIN_MS)
    })
  }
  open()
  return () => {
    window.clearTimeout(timer)
    events?.close()
  }
}
