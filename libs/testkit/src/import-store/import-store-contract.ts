import {
  type ImageId,
  type Import,
  type ImportId,
  type ImportRow,
  type ImportStore,
  PACE_WINDOW_MS,
  type RowOutcome,
} from '@semblance/core'
import { anImport, aRow, newTestId } from '@semblance/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeCancellation } from './cancellation-contract.ts'
import { describeGoingPersons } from './going-persons-contract.ts'
import {
  aStaged,
  claimFrom,
  endRows,
  type ImportStoreHarness,
  keyTriesAndImage,
  LEASE_MS,
  namedRows,
  rowsOf,
  SOURCE,
  SOURCE_OF_EARLIER_VERSION,
  someIds,
} from './import-store-harness.ts'
import { describeImportedPersons } from './imported-persons-contract.ts'
import { describeRetry } from './retry-contract.ts'
import { describeReusedKeys } from './reused-keys-contract.ts'

/** More than a server of the tests can hold cursors of. */
const MANY_ROWS = 110
const RIVALS = 8
const PAGE = { page: 1, size: 100 }
const NO_FACE: RowOutcome = { kind: 'no-face' }

/** What the docstrings of `ImportStore` promise, as claims. */
export function describeImportStoreContract(name: string, open: () => Promise<ImportStoreHarness>): void {
  describe(`${name} keeps the ImportStore contract`, () => {
    let harness: ImportStoreHarness
    let store: ImportStore
    beforeEach(async () => {
      harness = await open()
      store = harness.store
    })
    afterEach(() => harness.close())

    const begin = async (given: Partial<Import> = {}): Promise<ImportId> => {
      const made = anImport(given)
      await store.records.insert(made)
      return made.id
    }
    const claim = (id: ImportId, holder: string, count = 10) => claimFrom(store, { id, holder, count })
    const end = (id: ImportId, holder: string, outcomes: Readonly<Record<string, RowOutcome>>) =>
      endRows(store, { id, holder, outcomes })
    const report = (id: ImportId) => store.rows.list({ id, after: 0, limit: 100 })
    /** An import with rows of these keys, all of them claimed by `holder`. */
    const beginClaimed = async (keys: readonly string[], holder = 'h'): Promise<ImportId> => {
      const id = await begin()
      await store.rows.add(id, rowsOf(keys))
      await claim(id, holder, keys.length)
      return id
    }

    describe('an import', () => {
      it('is read as it was written, once', async () => {
        const heldUp = { by: 'workers', at: 5 } as const
        const made = anImport({ groups: [newTestId()], name: 'Ä staff', heldUp, source: SOURCE })
        expect(await store.records.insert(made)).toBe(true)
        expect(await store.records.insert({ ...made, name: 'other' })).toBe(false)
        expect(await (await harness.another()).records.find(made.id)).toEqual(made)
        for (const plain of [anImport(), anImport({ source: SOURCE_OF_EARLIER_VERSION })]) {
          await store.records.insert(plain)
          expect(await store.records.find(plain.id)).toEqual(plain)
        }
        expect(await store.records.find(newTestId())).toBeNull()
      })

      it('is changed by one of many at once', async () => {
        const id = await begin()
        const stores = [store, await harness.another()]
        const changes = Array.from({ length: RIVALS }, (_, i) =>
          stores[i % 2]?.records.update({ id, rev: 1 }, { state: 'paused', updatedAt: i }),
        )
        const done = (await Promise.all(changes)).filter((changed) => changed !== null)
        expect(done).toHaveLength(1)
        expect(await store.records.find(id)).toMatchObject({
          ...{ state: 'paused', rev: 2, heldUp: null, source: null },
        })
        const heldUp = { by: 'disk', at: 7 } as const
        await store.records.update({ id, rev: 2 }, { heldUp, updatedAt: 7 })
        expect(await store.records.find(id)).toMatchObject({ heldUp, erasesPersons: false })
        await store.records.update({ id, rev: 3 }, { erasesPersons: true, updatedAt: 8 })
        expect(await store.records.find(id)).toMatchObject({ heldUp, erasesPersons: true })
        await store.records.update({ id, rev: 4 }, { source: SOURCE, updatedAt: 9 })
        const read = { ...SOURCE, state: 'read', cursor: null, rows: 12 } as const
        await store.records.update({ id, rev: 5 }, { source: read, updatedAt: 9 })
        expect(await store.records.find(id)).toMatchObject({ source: read, heldUp })
      })

      it('is listed, newest first, and by its state', async () => {
        const ids = [await begin(), await begin({ state: 'done' }), await begin({ state: 'deleting' })]
        expect((await store.records.list(PAGE)).items.map(({ id }) => id)).toEqual([ids[1], ids[0]])
        expect((await store.records.listByState(['open', 'deleting'])).map(({ id }) => id)).toEqual([
          ids[0],
          ids[2],
        ])
        const first = await store.records.list({ page: 1, size: 1 })
        expect(first).toMatchObject({ totalPages: 2, nextCursor: ids[1] })
        const next = await store.records.list({ page: 1, size: 1, cursor: first.nextCursor ?? '' })
        expect(next.items.map(({ id }) => id)).toEqual([ids[0]])
      })

      it('is forgotten', async () => {
        const id = await begin()
        const late = aStaged()
        await store.rows.add(id, [aRow({ key: 'late', picture: late })])
        await store.records.forget(id)
        expect(await store.records.find(id)).toBeNull()
        expect(await report(id)).toEqual([])
        expect(await store.rows.neededPictures([late.stagedId])).toEqual([])
        expect(await store.rows.add(id, rowsOf(['later']))).toEqual(['conflict'])
        expect(await report(id)).toEqual([])
      })
    })

    describe('rows', () => {
      it('keep their order and all that was sent', async () => {
        const id = await begin()
        const full = aRow({
          person: { by: 'externalId', externalId: '4711' },
          name: 'Ada',
          metadata: '{"a":{"$b":1.0}}',
          groups: [newTestId()],
          expireAt: null,
          picture: { from: 'staged', stagedId: newTestId(), bytes: 10 },
          pictureSha256: 'ab',
        })
        const linked = aRow({ picture: { from: 'link', url: 'https://a.test/1.jpg' }, expireAt: 5 })
        await store.rows.add(id, [full])
        await store.rows.add(id, [linked, aRow({ key: 'third' })])
        const rows = await report(id)
        expect(rows.map(({ position }) => position)).toEqual([1, 2, 3])
        expect(rows[0]).toEqual({
          ...full,
          position: 1,
          tries: 0,
          imageId: null,
          outcome: null,
          endedAt: null,
        })
        expect(rows[1]).toMatchObject(linked)
        expect(await store.rows.find(id, 'third')).toEqual(rows[2])
      })

      it('are added once, whoever sends them again, also twice in one call', async () => {
        const id = await begin()
        const row = aRow({ key: 'a' })
        expect(await store.rows.add(id, [row, row, { ...row, digest: 'other' }])).toEqual([
          'added',
          'known',
          'conflict',
        ])
        const stores = [store, await harness.another()]
        const told = await Promise.all(
          Array.from({ length: RIVALS }, (_, i) => stores[i % 2]?.rows.add(id, [aRow({ key: 'b' })])),
        )
        expect(told.flat().toSorted()).toEqual(['added', ...Array(RIVALS - 1).fill('known')])
        const rows = await report(id)
        expect(rows.map(({ key }) => key)).toEqual(['a', 'b'])
        // A call that added nothing may have taken a place.
        expect(rows[0]?.position).toBe(1)
        expect(rows[1]?.position).toBeGreaterThan(1)
        await store.rows.add(id, [aRow({ key: 'p', pictureSha256: 'ab' })])
        const known = await store.rows.known(id, ['p', 'none', 'a'])
        const pictures = known.map(({ key, pictureSha256 }) => `${key} ${pictureSha256}`)
        expect(pictures).toEqual(['p ab', 'a null'])
      })

      it('of many calls at once have each a place of their own', async () => {
        const id = await begin()
        const stores = [store, await harness.another()]
        await Promise.all(
          Array.from({ length: RIVALS }, (_, i) => stores[i % 2]?.rows.add(id, [aRow(), aRow(), aRow()])),
        )
        const positions = (await report(id)).map(({ position }) => position)
        expect(new Set(positions).size).toBe(RIVALS * 3)
        expect(positions).toEqual(positions.toSorted((a, b) => a - b))
      })

      it('that are wrong as they were sent have ended, and are not worked on', async () => {
        const id = await begin()
        const outcome: RowOutcome = { kind: 'invalid', field: 'groups', why: 'no such group' }
        await store.rows.add(id, [aRow({ key: 'bad', outcome }), aRow({ key: 'good' })])
        expect((await claim(id, 'h')).map(({ key }) => key)).toEqual(['good'])
        expect(await store.rows.find(id, 'bad')).toMatchObject({ outcome, tries: 0 })
      })
    })

    describe('a claim', () => {
      it('takes the first rows that are free, and gives each an image id that stays', async () => {
        const id = await begin()
        await store.rows.add(id, rowsOf(['a', 'b', 'c']))
        const newImageIds = someIds(2)
        const first = await store.rows.claim({ id, holder: 'one', leaseMs: LEASE_MS, newImageIds })
        expect(first.map(keyTriesAndImage)).toEqual([
          ['a', 1, newImageIds[0]],
          ['b', 1, newImageIds[1]],
        ])
        expect((await claim(id, 'two')).map(({ key }) => key)).toEqual(['c'])
        await harness.age(LEASE_MS + 1)
        const again = await claim(id, 'three', 1)
        expect(again.map(keyTriesAndImage)).toEqual([['a', 2, newImageIds[0]]])
      })

      it('may be of many rows, which end in one call', async () => {
        const id = await begin()
        const keys = Array.from({ length: MANY_ROWS }, (_, i) => `row ${i}`)
        await store.rows.add(id, rowsOf(keys))
        expect((await claim(id, 'h', MANY_ROWS)).map(({ key }) => key)).toEqual(keys)
        const outcomes = Object.fromEntries(keys.map((key) => [key, NO_FACE]))
        expect((await end(id, 'h', outcomes)).toSorted()).toEqual(keys.toSorted())
      })

      it('gives no row to two', async () => {
        const id = await begin()
        const keys = Array.from({ length: RIVALS * 3 }, (_, i) => `row ${i}`)
        await store.rows.add(id, rowsOf(keys))
        const stores = [store, await harness.another()]
        const claims = Array.from({ length: RIVALS }, (_, i) =>
          claimFrom(stores[i % 2] ?? store, { id, holder: `h${i}`, count: 4 }),
        )
        const taken = (await Promise.all(claims)).flat().map(({ key }) => key)
        expect(new Set(taken).size).toBe(taken.length)
        const rest = await claim(id, 'last', keys.length)
        expect([...taken, ...rest.map(({ key }) => key)].toSorted()).toEqual(keys.toSorted())
      })

      it('lasts for as long as it is extended', async () => {
        const id = await beginClaimed(['a', 'b'])
        await harness.age(LEASE_MS - 10_000)
        const held = { id, holder: 'h', rows: await namedRows(store, id, ['a', 'b', 'c']) }
        expect(await store.rows.extend({ ...held, leaseMs: LEASE_MS })).toEqual([1, 2])
        await harness.age(LEASE_MS - 10_000)
        expect(await claim(id, 'other')).toEqual([])
        expect(await store.rows.extend({ ...held, holder: 'other', leaseMs: LEASE_MS })).toEqual([])
      })

      it('of others ends at once for whoever hands out rows from now on', async () => {
        const id = await begin()
        await store.rows.add(id, rowsOf(['a', 'b', 'c']))
        await claim(id, 'before', 2)
        await claim(id, 'now', 1)
        await (await harness.another()).rows.endClaims({ id, holder: 'now' })
        expect(await end(id, 'before', { b: NO_FACE })).toEqual(['b'])
        expect((await claim(id, 'now')).map(({ key, tries }) => [key, tries])).toEqual([['a', 2]])
        expect(await end(id, 'before', { a: NO_FACE })).toEqual([])
        expect(await end(id, 'now', { a: NO_FACE, c: NO_FACE })).toEqual(['a', 'c'])
      })

      it('gets another image id for its holder alone', async () => {
        const id = await beginClaimed(['a'])
        const imageId = newTestId<ImageId>()
        const row = { id, key: 'a', position: 1 }
        await store.rows.renewImageId({ ...row, holder: 'other', imageId: newTestId() })
        await store.rows.renewImageId({ ...row, holder: 'h', imageId })
        expect((await store.rows.find(id, 'a'))?.imageId).toBe(imageId)
      })

      it('is given back as if it had not been', async () => {
        const id = await beginClaimed(['a'])
        const rows = await namedRows(store, id, ['a'])
        await store.rows.release({ id, holder: 'other', rows })
        expect(await claim(id, 'two')).toEqual([])
        await store.rows.release({ id, holder: 'h', rows })
        expect((await claim(id, 'two')).map(({ key, tries }) => [key, tries])).toEqual([['a', 1]])
      })
    })

    describe('an outcome', () => {
      const enrolled: RowOutcome = {
        kind: 'enrolled',
        personId: newTestId(),
        imageId: newTestId(),
        face: { box: { x: 1, y: -2.5, width: 3, height: 4 }, quality: 0.5, faceCount: 1 },
        likePerson: { personId: newTestId(), distance: 0.25 },
      }

      it('is written by the holder alone, and once', async () => {
        const id = await beginClaimed(['a', 'b'])
        expect(await end(id, 'other', { a: NO_FACE })).toEqual([])
        expect(await end(id, 'h', { a: enrolled, missing: NO_FACE })).toEqual(['a'])
        expect(await end(id, 'h', { a: NO_FACE })).toEqual([])
        const row = await store.rows.find(id, 'a')
        expect(row?.outcome).toEqual(enrolled)
        expect(row?.endedAt).toEqual(expect.any(Number))
      })

      it('of one whose claim ran out counts, unless another took the row', async () => {
        const id = await beginClaimed(['a', 'b'])
        await harness.age(LEASE_MS + 1)
        await claim(id, 'other', 1)
        expect(await end(id, 'h', { a: NO_FACE, b: NO_FACE })).toEqual(['b'])
      })

      it('takes the fields and the picture of a row away, unless the row failed', async () => {
        const id = await begin()
        const [picture, kept] = [aStaged(), aStaged()]
        const row = { name: 'Ada', metadata: '{"a":1}', groups: [], expireAt: 7 }
        await store.rows.add(id, [
          aRow({ ...row, key: 'a', picture, pictureSha256: 'ab' }),
          aRow({ ...row, key: 'b', picture: kept }),
        ])
        await claim(id, 'h')
        expect(await store.rows.neededPictures([picture.stagedId, newTestId()])).toEqual([picture.stagedId])
        await end(id, 'h', { a: NO_FACE, b: { kind: 'failed', why: 'too late', isPassing: true } })
        const ended = await store.rows.find(id, 'a')
        expect(ended).toMatchObject({ key: 'a', position: 1, picture: null, pictureSha256: 'ab' })
        for (const field of ['name', 'metadata', 'groups', 'expireAt'])
          expect(ended).not.toHaveProperty(field)
        expect(await store.rows.find(id, 'b')).toMatchObject({ ...row, picture: kept })
        expect(await store.rows.neededPictures([picture.stagedId, kept.stagedId])).toEqual([kept.stagedId])
      })

      it('is found in the report, by kind and by page', async () => {
        const id = await beginClaimed(['a', 'b', 'c', 'd'])
        await end(id, 'h', { a: NO_FACE, b: enrolled, c: NO_FACE })
        const kinds = ['no-face'] as const
        const keysOf = (rows: readonly ImportRow[]) => rows.map(({ key }) => key)
        expect(keysOf(await store.rows.list({ id, after: 0, limit: 10, kinds }))).toEqual(['a', 'c'])
        expect(keysOf(await store.rows.list({ id, after: 1, limit: 2 }))).toEqual(['b', 'c'])
        expect(keysOf(await store.rows.list({ id, after: 1, limit: 1, kinds }))).toEqual(['c'])
      })

      it('is counted', async () => {
        const id = await begin()
        await store.rows.add(id, [
          ...['a', 'b', 'c'].map((key) => aRow({ key, picture: aStaged(100) })),
          aRow({ key: 'd', picture: aStaged(1000) }),
        ])
        await claim(id, 'h', 3)
        await end(id, 'h', { a: NO_FACE, b: { kind: 'failed', why: 'too late', isPassing: false } })
        await harness.age(5_000)
        await expect
          .poll(() => store.rows.count(id), { timeout: 5_000 })
          .toMatchObject({ waiting: 1, claimed: 1, ended: { 'no-face': 1, failed: 1 }, stagedBytes: 1200 })
        expect((await store.rows.count(id)).oldestWaitingMs).toBeGreaterThanOrEqual(5_000)
        const { oldestClaimedMs, claimLeftMs } = await store.rows.count(id)
        expect(oldestClaimedMs).toBeGreaterThanOrEqual(5_000)
        expect(claimLeftMs).toBeGreaterThan(0)
        expect(claimLeftMs).toBeLessThanOrEqual(LEASE_MS - 5_000)
        const ages = { oldestWaitingMs: 0, oldestClaimedMs: 0, claimLeftMs: 0 }
        const none = { waiting: 0, claimed: 0, ended: {}, stagedBytes: 0, ...ages }
        expect(await store.rows.count(await begin())).toEqual(none)
      })

      it('tell how fast they end, without those that were wrong as they were sent', async () => {
        const wrong = aRow({ outcome: { kind: 'invalid', field: 'key', why: 'x' } })
        const id = await begin()
        const idle = { rows: 0, ms: 0 }
        expect(await store.rows.pace(id)).toEqual({ takenBytes: 0, all: idle, lately: idle, idleMs: null })
        await store.rows.add(id, [wrong, aRow({ key: 'a', picture: aStaged(7) }), ...rowsOf(['b', 'c'])])
        await store.rows.add(id, [aRow({ key: 'a', picture: aStaged(7) })])
        await claim(id, 'h')
        await end(id, 'h', { a: NO_FACE, b: NO_FACE })
        const other = await harness.another()
        const soon = await other.rows.pace(id)
        expect(soon).toMatchObject({ takenBytes: 7, all: { rows: 2 }, lately: { rows: 2 } })
        expect(soon.idleMs).toBeLessThan(PACE_WINDOW_MS)
        await harness.age(2 * PACE_WINDOW_MS)
        await claim(id, 'g')
        await end(id, 'g', { c: NO_FACE })
        const { all, lately } = await other.rows.pace(id)
        expect(all).toMatchObject({ rows: 3 })
        expect(all.ms).toBeGreaterThanOrEqual(2 * PACE_WINDOW_MS)
        expect(lately).toMatchObject({ rows: 1 })
        expect(lately.ms).toBeLessThan(PACE_WINDOW_MS)
      })
    })

    describeImportedPersons(() => harness)
    describeGoingPersons(() => harness)
    describeCancellation(() => harness)
    describeRetry(() => harness)
    describeReusedKeys(() => harness)

    it('removes rows part by part', async () => {
      const id = await begin()
      const picture = aStaged()
      await store.rows.add(id, [aRow({ key: 'a', picture }), aRow({ key: 'b' }), aRow({ key: 'c' })])
      const removed = [await store.rows.remove(id, 2), await store.rows.remove(id, 2)]
      expect(removed.map((rows) => rows.length)).toEqual([2, 1])
      expect(removed.flat()).toContainEqual(expect.objectContaining({ key: 'a', picture }))
      expect(await report(id)).toEqual([])
      expect(await store.rows.remove(id, 2)).toEqual([])
    })
  })
}
