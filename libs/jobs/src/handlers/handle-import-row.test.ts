import { type ImageId, onlyGallery, type PersonId, type RowOutcome } from '@semblance/core'
import {
  anImport,
  aPicture,
  aRow,
  createFakeFaceEngine,
  createNaiveImageStore,
  createNaiveImportStore,
  openTestGallery,
  PLAIN_POLICIES,
} from '@semblance/testkit'
import { expect, it } from 'vitest'
import { createJobHandlers } from '../job-handlers.ts'
import { runImportRow } from '../run-import-row.ts'
import { onlyEngine } from './in-every-pack.ts'

it('works on no row that was sent, with its key, after the person of its own row was deleted', async () => {
  const gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const made = anImport({ policies: PLAIN_POLICIES })
  await imports.records.insert(made)
  const person = { by: 'externalId', externalId: 'ada' } as const
  const link = (url: string) => ({ from: 'link', url }) as const
  await imports.rows.add(made.id, [aRow({ key: 'a', person, picture: link('https://a.example/1.jpg') })])
  const row = (await imports.rows.find(made.id, 'a'))!
  const personId = gallery.newId<PersonId>()
  await imports.persons.seal({ personId, personKey: 'externalId:ada' })
  await imports.persons.erase(personId)
  await imports.rows.add(made.id, [aRow({ key: 'a', person, picture: link('https://a.example/2.jpg') })])
  const fetched: string[] = []
  const handlers = createJobHandlers({
    galleryOf: onlyGallery(gallery),
    importing: { imports, staged: createNaiveImageStore(gallery.clock) },
    packs: onlyEngine(createFakeFaceEngine()),
    inFlight: { put: async () => '' as never, get: async () => null, drop: async () => {} },
    links: {
      fetch: async (url) => {
        fetched.push(url)
        return { outcome: 'fetched', bytes: aPicture() }
      },
      close: async () => {},
    },
    observe: () => {},
  })
  const queue = {
    run: ({ payload }: { readonly payload: unknown }) =>
      handlers['import-row'](payload, { lane: 'bulk' }) as Promise<RowOutcome>,
    load: async () => expect.fail('the load was asked for'),
    close: async () => {},
  }
  const work = { importId: made.id, policies: made.policies, groups: [], row }
  const terms = { threshold: 1, deadlineMs: 1_000, requestId: 'r' }
  const signal = new AbortController().signal
  expect(await runImportRow(queue, { ...work, ...terms }, { signal })).toMatchObject({ kind: 'failed' })
  expect((await gallery.records.countEnrolled()).images).toBe(0)
  expect(fetched).toEqual([])
})

it('works on no row that was ended while its job waited, as those of a cancelled import are', async () => {
  const gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const made = anImport({ policies: PLAIN_POLICIES })
  await imports.records.insert(made)
  const stagedId = gallery.newId<ImageId>()
  await imports.rows.add(made.id, [aRow({ key: 'a', picture: { from: 'staged', stagedId, bytes: 1 } })])
  const row = (await imports.rows.find(made.id, 'a'))!
  await imports.rows.cancel(made.id, 1)
  const handlers = createJobHandlers({
    galleryOf: onlyGallery(gallery),
    importing: { imports, staged: createNaiveImageStore(gallery.clock) },
    packs: onlyEngine(createFakeFaceEngine()),
    inFlight: { put: async () => '' as never, get: async () => null, drop: async () => {} },
    links: { fetch: async () => expect.fail('a link was fetched'), close: async () => {} },
    observe: () => {},
  })
  const queue = {
    run: ({ payload }: { readonly payload: unknown }) =>
      handlers['import-row'](payload, { lane: 'bulk' }) as Promise<RowOutcome>,
    load: async () => expect.fail('the load was asked for'),
    close: async () => {},
  }
  const work = { importId: made.id, policies: made.policies, groups: [], row }
  const terms = { threshold: 1, deadlineMs: 1_000, requestId: 'r' }
  const signal = new AbortController().signal
  expect(await runImportRow(queue, { ...work, ...terms }, { signal })).toEqual({ kind: 'cancelled' })
})

it('works on a row whose link was blanked while its job waited', async () => {
  const gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const made = anImport({ policies: PLAIN_POLICIES })
  await imports.records.insert(made)
  const link = (url: string) => ({ from: 'link', url }) as const
  await imports.rows.add(made.id, [aRow({ key: 'a', picture: link('https://a.example/1.jpg') })])
  const newImageIds = [gallery.newId<ImageId>()]
  const [row] = await imports.rows.claim({ id: made.id, holder: 'h', leaseMs: 60_000, newImageIds })
  const handlers = createJobHandlers({
    galleryOf: onlyGallery(gallery),
    importing: { imports, staged: createNaiveImageStore(gallery.clock) },
    packs: onlyEngine(createFakeFaceEngine()),
    inFlight: { put: async () => '' as never, get: async () => null, drop: async () => {} },
    links: { fetch: async () => ({ outcome: 'fetched', bytes: aPicture() }), close: async () => {} },
    observe: () => {},
  })
  const queue = {
    run: ({ payload }: { readonly payload: unknown }) =>
      handlers['import-row'](payload, { lane: 'bulk' }) as Promise<RowOutcome>,
    load: async () => expect.fail('the load was asked for'),
    close: async () => {},
  }
  const before = { ...row!, picture: link('https://u:secret@a.example/1.jpg') }
  const work = { importId: made.id, policies: made.policies, groups: [], row: before }
  const terms = { threshold: 1, deadlineMs: 1_000, requestId: 'r' }
  const signal = new AbortController().signal
  expect(await runImportRow(queue, { ...work, ...terms }, { signal })).toMatchObject({ kind: 'enrolled' })
})
