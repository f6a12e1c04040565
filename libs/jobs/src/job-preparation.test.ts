import type { ImageId, ImageLinks, JobHandler, PersonId, PictureRef, Stage } from '@semblance/core'
import { onlyGallery, overloaded } from '@semblance/core'
import { aPicture, createFakeFaceEngine, newTestId, openTestGallery } from '@semblance/testkit'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AddImagePayload, DetectPayload, SearchPayload } from './catalogue.ts'
import { onlyEngine } from './handlers/in-every-pack.ts'
import { createJobHandlers, type JobDeps } from './job-handlers.ts'

const inHand = { from: { kind: 'ref', ref: 'ref-1' as PictureRef } as const, resize: null }

let stages: Stage[]
beforeEach(() => {
  stages = []
})

/** Every link is refused. */
function deps(given: Partial<JobDeps> = {}): JobDeps {
  return {
    galleryOf: onlyGallery(openTestGallery()),
    packs: onlyEngine(createFakeFaceEngine()),
    inFlight: { put: async () => inHand.from.ref, get: async () => null, drop: async () => {} },
    links: {
      fetch: async () => ({ outcome: 'refused', reason: 'unreachable' }),
      close: async () => {},
    },
    observe: (stage) => stages.push(stage),
    ...given,
  }
}

function aSearch(picture: SearchPayload['picture'] = inHand): SearchPayload {
  const whom = { groupIds: [], field: null, threshold: 1, limit: 10 }
  return { requestId: 'r', picture, ...whom, detectAll: false, crop: null, createPerson: null }
}

describe('a job with links', () => {
  const url = 'https://example.org/ada.jpg'
  const linked = { from: { kind: 'link', url } as const, resize: null }
  const context = (signal = new AbortController().signal) => ({ signal, lane: 'search' as const })

  /** Links that can be looked into; each fetch has bytes of its own. */
  function aFetcher(fetch?: ImageLinks['fetch']) {
    const asked: (number | undefined)[] = []
    let held = 0
    const links: ImageLinks = {
      fetch: async (link, waiting) => {
        asked.push(waiting?.timeoutMs)
        if (fetch !== undefined) return fetch(link, waiting)
        held += 1
        const release = () => {
          held -= 1
        }
        return { outcome: 'fetched', bytes: aPicture({ identities: ['ada'] }), release: once(release) }
      },
      close: async () => {},
    }
    return { links, asked, held: () => held }
  }
  /** Fails for a job that is done by its preparation. */
  async function preparedBy(handler: JobHandler, payload: unknown): Promise<unknown> {
    const preparation = await handler.prepare?.(payload, { ...context(), remainingMs: 1000 })
    if (preparation?.outcome !== 'prepared') return expect.fail('is done')
    return preparation.prepared
  }
  function once(act: () => void): () => void {
    let isDone = false
    return () => {
      if (!isDone) act()
      isDone = true
    }
  }

  it('fetches them in its first stage, each with four fifths of its time, and gives their room back', async () => {
    const { links: fetcher, asked, held } = aFetcher()
    const handlers = createJobHandlers(deps({ links: fetcher }))
    const picture = { picture: linked, faces: 'all' as const, isComparedWithin: false }
    const payload = { requestId: 'r', pictures: [picture, picture], crop: null, search: null }
    const prepared = await preparedBy(handlers.compare, payload)
    expect([asked, held()]).toEqual([[800, 800], 2])
    expect(await handlers.compare(payload, { ...context(), prepared })).toMatchObject({
      outcome: 'compared',
      comparisons: [{ cosine: 1 }],
    })
    expect([asked.length, held()]).toEqual([2, 0])
    expect(stages).toEqual(['fetch', 'fetch'])
  })

  it('gives the room back when nobody waits for it any more', async () => {
    const { links: fetcher, held } = aFetcher()
    const handlers = createJobHandlers(deps({ links: fetcher }))
    const gone = new AbortController()
    await handlers.search.prepare?.(aSearch(linked), {
      ...context(gone.signal),
      remainingMs: 1000,
    })
    expect(held()).toBe(1)
    gone.abort()
    expect(held()).toBe(0)
  })

  it('gives up the others if one cannot be tried', async () => {
    let aborted = 0
    const { links: fetcher } = aFetcher((link, waiting) => {
      if (link !== url) return Promise.reject(overloaded('the fetching of links', 1))
      return new Promise((_resolve, reject) => {
        waiting?.signal?.addEventListener('abort', () => {
          aborted += 1
          reject(waiting.signal?.reason)
        })
      })
    })
    const handlers = createJobHandlers(deps({ links: fetcher }))
    const other = { from: { kind: 'link', url: 'https://example.org/bob.jpg' } as const, resize: null }
    const pictures = [linked, other].map((picture) => ({ picture, faces: 'all', isComparedWithin: false }))
    const payload = { requestId: 'r', pictures, crop: null, search: null }
    const preparing = handlers.compare.prepare?.(payload, { ...context(), remainingMs: 1000 })
    await expect(preparing).rejects.toMatchObject({ code: 'E_OVERLOADED' })
    expect(aborted).toBe(1)
  })

  it.each([
    'search',
    'detect',
    'add-image',
  ] as const)('is done if that link was refused: %s', async (name) => {
    const findFaces = () => expect.fail('worked')
    const handlers = createJobHandlers(deps({ packs: onlyEngine({ ...createFakeFaceEngine(), findFaces }) }))
    const asked = { requestId: 'r', picture: linked }
    const detect: DetectPayload = {
      ...asked,
      onlyCentralFace: true,
      crop: null,
      quality: null,
      attributes: [],
    }
    const ids = { imageId: newTestId<ImageId>(), personId: newTestId<PersonId>() }
    const enrollment: AddImagePayload = { ...asked, ...ids }
    const payloads = { search: aSearch(linked), detect, 'add-image': enrollment }
    const done = await handlers[name].prepare?.(payloads[name], { ...context(), remainingMs: 1000 })
    const result = { outcome: 'link-refused', reason: 'unreachable' }
    expect(done).toEqual({ outcome: 'done', result })
  })

  it('is done if all of its links were refused and it has no other picture, else there is work', async () => {
    const handlers = createJobHandlers(deps())
    const picture = { picture: linked, faces: 'all' as const, isComparedWithin: false }
    const other = { ...picture, picture: inHand }
    const rest = { requestId: 'r', crop: null, search: null }
    const waiting = { ...context(), remainingMs: 1000 }
    const done = await handlers.compare.prepare?.({ pictures: [picture, picture], ...rest }, waiting)
    const refused = { outcome: 'link-refused', reason: 'unreachable' }
    const elapsedMs = expect.any(Number)
    const result = { outcome: 'compared', pictures: [refused, refused], comparisons: [], elapsedMs }
    expect(done).toEqual({ outcome: 'done', result })
    const work = await handlers.compare.prepare?.({ pictures: [picture, other], ...rest }, waiting)
    expect(work).toMatchObject({ outcome: 'prepared' })
  })

  it('has no first stage without one, nor for what is no payload of it', () => {
    const handlers = createJobHandlers(deps())
    const waiting = { ...context(), remainingMs: 1000 }
    expect(handlers.search.prepare?.(aSearch(), waiting)).toBeNull()
    expect(handlers['search-enrolled'].prepare?.({}, waiting)).toBeNull()
    expect(handlers.search.prepare?.(null, waiting)).toBeNull()
  })
})
