import { describe, expect, it } from 'vitest'
import { type GalleryId, onlyGallery } from './gallery-of.ts'
import { openTestGallery } from './testing/index.ts'

describe('the only gallery', () => {
  it('is the one that a call is about which names none', () => {
    const gallery = openTestGallery()
    expect(onlyGallery(gallery)({})).toBe(gallery)
  })

  it('does not answer for a gallery that a call names', () => {
    const galleryId = 'visitors' as GalleryId
    expect(() => onlyGallery(openTestGallery())({ galleryId })).toThrow('visitors')
  })
})
