import { Gauge, type Registry } from 'prom-client'

export interface DecodingMetrics {
  /** The source tells the pictures that take much memory to decode and are being decoded now. It must not throw. */
  setDecodingLoad(source: () => { readonly pictures: number; readonly bytes: number }): void
}

/** Nothing is shown by a process that does not decode. */
export function createDecodingMetrics(registry: Registry): DecodingMetrics {
  const gauge = (name: string, help: string, collect: () => void) => {
    const made = new Gauge({ name: `semblance_${name}`, help, registers: [registry], collect })
    // A gauge without labels begins at 0, which would read as a room that stands empty.
    made.remove()
    return made
  }
  let source: (() => { readonly pictures: number; readonly bytes: number }) | null = null
  const pictures = gauge(
    'decoding_heavy_pictures',
    'Pictures that take much memory to decode and are being decoded.',
    () => {
      if (source !== null) pictures.set(source().pictures)
    },
  )
  const bytes = gauge('decoding_bytes', 'Memory set apart for these pictures.', () => {
    if (source !== null) bytes.set(source().bytes)
  })
  return {
    setDecodingLoad: (from) => {
      source = from
    },
  }
}
