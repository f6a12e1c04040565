import type { GalleryPorts } from './gallery-ports.ts'

/** Names one gallery of an installation. Each installation has a single one so far, and nobody names it. */
export type GalleryId = string & { readonly brand: 'GalleryId' }

/** A request or a job says which gallery it is about. Left out: the installation's only one. */
export interface AboutGallery {
  readonly galleryId?: GalleryId | undefined
}

/** What leads from a call to the gallery that it is about. Asked at each call, so that nothing is bound to one gallery. */
export type GalleryOf = (call: AboutGallery) => GalleryPorts

/**
 * Serves a process with one gallery. A call that names one throws: a later release, which may know several, must not
 * be answered from the wrong one.
 */
export function onlyGallery(gallery: GalleryPorts): GalleryOf {
  return ({ galleryId }) => {
    if (galleryId !== undefined)
      throw new Error(`this release knows no gallery by a name; asked for ${galleryId}`)
    return gallery
  }
}
