import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pictureContent } from '../fields/picture-content.ts'
import { bodyOfForm, takesPictures } from './form-body.ts'
import type { FormPart } from './form-reader.ts'

/** As a comparison of pictures has it. */
const schema = z.object({
  images: z.array(z.object({ data: pictureContent, type: z.int().nullish(), index: z.int().nullish() })),
  tag: z.string().nullish(),
})
const [ada, bob] = [Uint8Array.of(1), Uint8Array.of(2)]

const aFile = (name: string, bytes: Uint8Array): FormPart => ({
  name,
  filename: 'a.jpg',
  contentType: 'image/jpeg',
  bytes,
  digest: null,
})
const aField = (name: string, text: string): FormPart => ({
  name,
  filename: undefined,
  contentType: 'text/plain',
  bytes: Buffer.from(text),
  digest: null,
})
const bodyOf = (...parts: FormPart[]) => bodyOfForm(schema, parts)

describe('the pictures of a list', () => {
  it('are files of its name, in order, or of their places', () => {
    const body = { images: [{ data: ada }, { data: bob }] }
    expect(bodyOf(aFile('images', ada), aFile('images', bob))).toEqual({ outcome: 'read', body })
    expect(bodyOf(aFile('images[1]', bob), aFile('images.0', ada))).toEqual({ outcome: 'read', body })
  })

  it('come together with what plain fields and a request say of them', () => {
    const request = aField('request', '{"images":[{"type":3},{"type":1}],"tag":"x"}')
    const parts = [request, aFile('images', ada), aFile('images', bob), aField('images[1].type', '5')]
    const images = [
      { type: 3, data: ada },
      { type: 5, data: bob },
    ]
    expect(bodyOf(...parts)).toEqual({ outcome: 'read', body: { images, tag: 'x' } })
  })

  it('are wanted by schemas that hold them, and by no other', () => {
    expect([takesPictures(schema), takesPictures(z.object({ tag: z.string() }))]).toEqual([true, false])
  })
})
