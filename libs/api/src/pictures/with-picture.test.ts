import { type PictureRef, type PicturesInFlight, queueUnavailable } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { withPicture } from './with-picture.ts'

function picturesThatCannotBeDropped(): {
  readonly inFlight: PicturesInFlight
  readonly asked: PictureRef[]
} {
  const asked: PictureRef[] = []
  const inFlight: PicturesInFlight = {
    put: async () => 'a' as PictureRef,
    get: async () => null,
    drop: async (ref) => {
      asked.push(ref)
      throw queueUnavailable(new Error('away'))
    },
  }
  return { inFlight, asked }
}

const image = { content: Buffer.from('x') }
const { signal } = new AbortController()

describe('a picture that cannot be taken away again', () => {
  it('does not cost its caller the answer', async () => {
    const { inFlight, asked } = picturesThatCannotBeDropped()
    expect(await withPicture(inFlight, image, { signal, task: async () => 'the answer' })).toBe('the answer')
    expect(asked).toEqual(['a'])
  })

  it('does not hide why the task failed', async () => {
    const { inFlight } = picturesThatCannotBeDropped()
    const fault = new Error('the task')
    await expect(withPicture(inFlight, image, { signal, task: () => Promise.reject(fault) })).rejects.toBe(
      fault,
    )
  })
})
