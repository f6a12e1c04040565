import { Gauge, type Registry } from 'prom-client'
import { PolledSource, type Source } from './polled-source.ts'

export interface GallerySize {
  readonly persons: number
  readonly images: number
  readonly pictureBytes: number
}

/** How much is enrolled. Nothing is shown where nobody tells it; NaN while the store is away. */
export function galleryGauges(
  registers: Registry[],
  { timeoutMs, onFailure }: { readonly timeoutMs: number; readonly onFailure: (source: string) => void },
): { set(source: Source<GallerySize>): void } {
  const collect = () => polled.collect()
  const gauge = (name: string, help: string) => {
    const made = new Gauge({ name: `semblance_${name}`, help, registers, collect })
    // A gauge without labels begins at 0, which would read as an empty gallery.
    made.remove()
    return made
  }
  const persons = gauge('enrolled_persons', 'Persons in the gallery.')
  const images = gauge('enrolled_images', 'Images in the gallery.')
  const bytes = gauge('enrolled_picture_bytes', 'Of the pictures in the gallery.')
  const show = (size: GallerySize) => {
    persons.set(size.persons)
    images.set(size.images)
    bytes.set(size.pictureBytes)
  }
  const polled = new PolledSource<GallerySize>({
    timeoutMs,
    show,
    onFailure: () => {
      show({ persons: Number.NaN, images: Number.NaN, pictureBytes: Number.NaN })
      onFailure('gallery')
    },
  })
  return polled
}
