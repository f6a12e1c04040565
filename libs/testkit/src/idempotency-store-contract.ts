import type { ClaimOutcome, ClaimRequest, IdempotencyStore, StoredReply } from '@semblance/core'
import { newTestId } from '@semblance/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** An empty store of its own for one test. */
export interface IdempotencyStoreHarness {
  readonly store: IdempotencyStore
  /** Another connection to the same data, as another process would have it. */
  another(): Promise<IdempotencyStore>
  /** Makes everything written so far older by `ms`, as the store judges it. */
  age(ms: number): Promise<void>
  close(): Promise<void>
}

const LEASE_MS = 60_000
const HOUR = 3_600_000
const RIVALS = 16

export function aClaim(given: Partial<ClaimRequest> = {}): ClaimRequest {
  const ids = { key: newTestId(), holder: newTestId(), seed: newTestId() }
  return { ...ids, fingerprint: 'fingerprint', leaseMs: LEASE_MS, ...given }
}

export function aStoredReply(given: Partial<StoredReply> = {}): StoredReply {
  const body = new Uint8Array([0, 1, 254, 255])
  const headers = { Location: '/api/persons/1' }
  return { status: 201, headers, contentType: 'application/json', encoding: 'gzip', body, ...given }
}

const plain = (outcome: ClaimOutcome) =>
  outcome.outcome === 'done' && outcome.reply !== null
    ? { ...outcome, reply: { ...outcome.reply, body: [...outcome.reply.body] } }
    : outcome

/** What the docstrings of `IdempotencyStore` promise, as claims. */
export function describeIdempotencyStoreContract(
  name: string,
  open: () => Promise<IdempotencyStoreHarness>,
): void {
  describe(`${name} keeps the IdempotencyStore contract`, () => {
    let harness: IdempotencyStoreHarness
    let store: IdempotencyStore
    beforeEach(async () => {
      harness = await open()
      store = harness.store
    })
    afterEach(() => harness.close())

    describe('a claim', () => {
      it('is given to the first, with the seed that it brings, and to nobody else meanwhile', async () => {
        const first = aClaim()
        expect(await store.claim(first)).toMatchObject({ outcome: 'begun', seed: first.seed })
        expect(await store.claim(aClaim({ key: first.key }))).toEqual({ outcome: 'running' })
        expect(await (await harness.another()).claim(aClaim({ key: first.key }))).toEqual({
          outcome: 'running',
        })
      })

      it('can be asked after without being taken', async () => {
        const { key, holder, ...rest } = aClaim()
        const another = await harness.another()
        expect(await store.isDone(key)).toBe(false)
        await store.claim({ key, holder, ...rest })
        expect(await another.isDone(key)).toBe(false)
        await store.complete({ key, holder }, null)
        expect([await store.isDone(key), await another.isDone(key)]).toEqual([true, true])
        const other = aClaim()
        expect(await store.isDone(other.key)).toBe(false)
        expect(await store.claim(other)).toMatchObject({ outcome: 'begun', ageMs: 0 })
      })

      it('is given to exactly one of many that come at once', async () => {
        const { key } = aClaim()
        const stores = [store, await harness.another()]
        const outcomes = await Promise.all(
          Array.from({ length: RIVALS }, (_, i) => stores[i % 2]?.claim(aClaim({ key }))),
        )
        const told = outcomes.map((outcome) => outcome?.outcome)
        expect(told.toSorted()).toEqual(['begun', ...Array(RIVALS - 1).fill('running')])
      })

      it('is refused to another request with the same key, be it running, released or done', async () => {
        const first = aClaim()
        const other = () => store.claim(aClaim({ key: first.key, fingerprint: 'another' }))
        await store.claim(first)
        expect(await other()).toEqual({ outcome: 'mismatch' })
        await store.release(first)
        expect(await other()).toEqual({ outcome: 'mismatch' })
        await store.claim(first)
        await store.complete(first, aStoredReply())
        expect(await other()).toEqual({ outcome: 'mismatch' })
      })

      it('is given again to its holder, who may not have heard the first answer', async () => {
        const first = aClaim()
        await store.claim(first)
        expect(await store.claim(first)).toMatchObject({ outcome: 'begun', seed: first.seed })
      })

      it('of one key says nothing of another', async () => {
        await store.claim(aClaim())
        expect(await store.claim(aClaim())).toMatchObject({ outcome: 'begun' })
      })

      it('goes to the next after its release, with the seed of the first', async () => {
        const first = aClaim()
        await store.claim(first)
        await store.release(first)
        const next = await store.claim(aClaim({ key: first.key }))
        expect(next).toMatchObject({ outcome: 'begun', seed: first.seed })
      })

      it('tells how old its seed is, by the store', async () => {
        const first = aClaim()
        await store.claim(first)
        await store.release(first)
        await harness.age(HOUR)
        const next = await store.claim(aClaim({ key: first.key }))
        if (next.outcome !== 'begun') throw new Error(next.outcome)
        expect(next.ageMs).toBeGreaterThanOrEqual(HOUR)
        expect(next.ageMs).toBeLessThan(HOUR + 60_000)
      })

      it('goes to one of the next when its lease has run out, and not before', async () => {
        const first = aClaim()
        await store.claim(first)
        await harness.age(LEASE_MS / 2)
        expect(await store.claim(aClaim({ key: first.key }))).toEqual({ outcome: 'running' })
        await harness.age(LEASE_MS / 2)
        const outcomes = await Promise.all(
          Array.from({ length: RIVALS }, () => store.claim(aClaim({ key: first.key }))),
        )
        const begun = outcomes.filter(({ outcome }) => outcome === 'begun')
        expect(begun).toMatchObject([{ seed: first.seed }])
      })

      it('lasts as long as it is extended', async () => {
        const first = aClaim()
        await store.claim(first)
        await harness.age(LEASE_MS / 2)
        expect(await store.extend(first, LEASE_MS)).toBe(true)
        await harness.age(LEASE_MS / 2)
        expect(await store.claim(aClaim({ key: first.key }))).toEqual({ outcome: 'running' })
      })

      it('hands its new seed on once it has been given one', async () => {
        const first = aClaim()
        const seed = newTestId()
        await store.claim(first)
        await harness.age(HOUR)
        await store.claim(first)
        expect(await store.reseed(first, seed)).toBe(true)
        await store.release(first)
        const next = await store.claim(aClaim({ key: first.key }))
        expect(next).toMatchObject({ outcome: 'begun', seed })
        if (next.outcome === 'begun') expect(next.ageMs).toBeLessThan(60_000)
      })
    })

    describe('whoever lost a claim', () => {
      it('can neither extend, reseed, complete nor release it', async () => {
        const lost = aClaim()
        await store.claim(lost)
        await harness.age(LEASE_MS)
        const holder = aClaim({ key: lost.key })
        await store.claim(holder)
        expect(await store.extend(lost, LEASE_MS)).toBe(false)
        expect(await store.reseed(lost, newTestId())).toBe(false)
        expect(await store.complete(lost, aStoredReply())).toBe(false)
        await store.release(lost)
        expect(await store.claim(aClaim({ key: lost.key }))).toEqual({ outcome: 'running' })
        await store.release(holder)
        expect(await store.claim(aClaim({ key: lost.key }))).toMatchObject({ seed: lost.seed })
      })

      it('by its release cannot complete it any more', async () => {
        const first = aClaim()
        await store.claim(first)
        await store.release(first)
        expect(await store.complete(first, aStoredReply())).toBe(false)
      })

      it('gets false for a key that was never claimed', async () => {
        expect(await store.complete(aClaim(), null)).toBe(false)
        expect(await store.extend(aClaim(), LEASE_MS)).toBe(false)
      })

      it('only by its lease, with nobody after it, may still complete it', async () => {
        const slept = aClaim()
        await store.claim(slept)
        await harness.age(2 * LEASE_MS)
        expect(await store.complete(slept, aStoredReply())).toBe(true)
      })
    })

    describe('an answer', () => {
      it.each([
        ['with a body', aStoredReply()],
        [
          'without a body',
          aStoredReply({ status: 204, headers: {}, contentType: null, body: new Uint8Array() }),
        ],
        ['with odd headers', aStoredReply({ headers: { 'X-A': 'ü ', 'x.$b': '', __proto: '1' } })],
        ['of several megabytes', aStoredReply({ body: new Uint8Array(7_500_000).fill(7) })],
      ])('%s is given back as it was, through any connection', async (_, reply) => {
        const first = aClaim()
        await store.claim(first)
        expect(await store.complete(first, reply)).toBe(true)
        const found = await (await harness.another()).claim(aClaim({ key: first.key }))
        expect(found).toMatchObject({ outcome: 'done', seed: first.seed })
        const kept = found.outcome === 'done' ? found.reply : null
        expect({ ...kept, body: null }).toEqual({ ...reply, body: null })
        expect(Buffer.compare(kept?.body ?? new Uint8Array(), reply.body)).toBe(0)
      })

      it('too large to keep is known to have been given', async () => {
        const first = aClaim()
        await store.claim(first)
        await store.complete(first, null)
        const done = { outcome: 'done', seed: first.seed, reply: null }
        expect(await store.claim(aClaim({ key: first.key }))).toEqual(done)
      })

      it('is the first one for good', async () => {
        const first = aClaim()
        await store.claim(first)
        await store.complete(first, aStoredReply())
        expect(await store.complete(first, aStoredReply({ status: 400 }))).toBe(false)
        await store.release(first)
        await harness.age(HOUR)
        const found = plain(await store.claim(aClaim({ key: first.key })))
        expect(found).toMatchObject({ outcome: 'done', reply: { status: 201 } })
      })

      it('is cut out of a larger buffer without the rest', async () => {
        const first = aClaim()
        const buffer = new Uint8Array([9, 9, 1, 2, 9])
        await store.claim(first)
        await store.complete(first, aStoredReply({ body: buffer.subarray(2, 4) }))
        expect(plain(await store.claim(aClaim({ key: first.key })))).toMatchObject({
          reply: { body: [1, 2] },
        })
      })
    })

    describe('forgetting', () => {
      it('removes what nobody wrote to for that long, done or not, and nothing else', async () => {
        const [done, dropped, kept] = [aClaim(), aClaim(), aClaim()]
        await store.claim(done)
        await store.complete(done, aStoredReply())
        await store.claim(dropped)
        await harness.age(HOUR)
        await store.claim(kept)
        await store.complete(kept, aStoredReply())
        expect(await store.forget({ untouchedMs: HOUR, limit: 10 })).toBe(2)
        expect(await store.claim(done)).toMatchObject({ outcome: 'begun' })
        expect(await store.claim(kept)).toMatchObject({ outcome: 'done' })
      })

      it('counts from the answer, not from the claim', async () => {
        const slow = aClaim()
        await store.claim(slow)
        await harness.age(HOUR / 2)
        await store.complete(slow, aStoredReply())
        await harness.age(HOUR / 2)
        expect(await store.forget({ untouchedMs: HOUR, limit: 10 })).toBe(0)
      })

      it('removes no more than it is asked to', async () => {
        for (let i = 0; i < 5; i++) await store.claim(aClaim())
        await harness.age(HOUR)
        const forget = () => store.forget({ untouchedMs: HOUR, limit: 3 })
        expect([await forget(), await forget(), await forget()]).toEqual([3, 2, 0])
      })
    })

    it('ends a wait whose caller left before, without a claim', async () => {
      const first = aClaim()
      const reason = new Error('the caller left')
      await expect(store.claim(first, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      expect(await store.claim(aClaim({ key: first.key }))).toMatchObject({ outcome: 'begun' })
    })
  })
}
