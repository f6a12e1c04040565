import { setImmediate as turn } from 'node:timers/promises'
import { type IndexEntry, indexUnavailable } from '@semblance/core'
import { anIndexEntry } from '@semblance/testkit'
import { describe, expect, it } from 'vitest'
import { QdrantFault } from './qdrant-fault.ts'
import { UpsertBatches } from './upsert-batches.ts'

const collection = 'faces'

interface Request {
  readonly entries: readonly IndexEntry[]
  readonly signal: AbortSignal | undefined
  readonly end: () => void
  readonly fail: (fault: Error) => void
}

/** Requests wait until the test ends them. */
function batches() {
  const requests: Request[] = []
  const made = new UpsertBatches(({ entries }, waiting) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    requests.push({ entries, signal: waiting?.signal, end: resolve, fail: reject })
    return promise
  })
  const upsert = (entry: IndexEntry, signal?: AbortSignal) =>
    made.upsert({ collection, entries: [entry] }, signal === undefined ? {} : { signal })
  return { upsert, requests }
}

/** Two requests are out, and others gather. */
async function busy() {
  const made = batches()
  const first = [made.upsert(anIndexEntry()), made.upsert(anIndexEntry())]
  await turn()
  expect(made.requests).toHaveLength(2)
  return { ...made, first }
}

const refused = () => indexUnavailable(new QdrantFault('qdrant answered 400', 400))

describe('upserts of one process', () => {
  it('gather while two requests are out, and share the next one', async () => {
    const { upsert, requests, first } = await busy()
    const entries = [anIndexEntry(), anIndexEntry(), anIndexEntry()]
    const gathered = entries.map((entry) => upsert(entry))
    requests[0]!.end()
    await first[0]
    await turn()
    expect(requests[2]!.entries).toEqual(entries)
    requests[2]!.end()
    await Promise.all(gathered)
    expect(requests).toHaveLength(3)
  })

  it('wait for company no longer than a moment', async () => {
    const { upsert, requests } = await busy()
    const entry = anIndexEntry()
    const late = upsert(entry)
    await expect.poll(() => requests[2]?.entries, { timeout: 1_000 }).toEqual([entry])
    requests[2]!.end()
    await late
  })

  it('of one image do not share a request', async () => {
    const { upsert, requests } = await busy()
    const entry = anIndexEntry()
    const both = [upsert(entry), upsert(entry)]
    await expect.poll(() => requests.length).toBe(4)
    expect(requests.slice(2).map(({ entries }) => entries)).toEqual([[entry], [entry]])
    for (const request of requests.slice(2)) request.end()
    await Promise.all(both)
  })

  it('each hear of a fault of the index', async () => {
    const { upsert, requests } = await busy()
    const both = [upsert(anIndexEntry()), upsert(anIndexEntry())]
    await expect.poll(() => requests.length).toBe(3)
    const fault = indexUnavailable(new QdrantFault('qdrant cannot be reached'))
    requests[2]!.fail(fault)
    expect(await Promise.allSettled(both)).toEqual(both.map(() => ({ status: 'rejected', reason: fault })))
    expect(requests).toHaveLength(3)
  })

  it('are tried one by one if their request is refused, so that each hears of its own entries', async () => {
    const { upsert, requests } = await busy()
    const [good, bad] = [upsert(anIndexEntry()), upsert(anIndexEntry())]
    await expect.poll(() => requests.length).toBe(3)
    requests[2]!.fail(refused())
    await expect.poll(() => requests.length).toBe(5)
    requests[3]!.end()
    requests[4]!.fail(refused())
    await good
    await expect(bad).rejects.toMatchObject({ code: 'E_INDEX_UNAVAILABLE' })
  })

  it('are given up one by one: the request goes on for those who stay, and ends with the last', async () => {
    const { upsert, requests } = await busy()
    const callers = [new AbortController(), new AbortController()]
    const waiting = callers.map(({ signal }) => upsert(anIndexEntry(), signal))
    await expect.poll(() => requests.length).toBe(3)
    callers[0]!.abort('first')
    await expect(waiting[0]).rejects.toBe('first')
    expect(requests[2]!.signal?.aborted).toBe(false)
    callers[1]!.abort('second')
    await expect(waiting[1]).rejects.toBe('second')
    expect(requests[2]!.signal?.aborted).toBe(true)
  })
})
