import { onTestFinished } from 'vitest'
import type { ImportId } from '../ids.ts'
import { type Importer, type ImporterDeps, startImporter } from '../imports/importer.ts'
import { anImport, aRow, PLAIN_POLICIES } from './builders/an-import.ts'
import { createNaiveImageStore } from './naive/naive-image-store.ts'
import { createNaiveImportStore } from './naive/naive-import-store.ts'
import { openTestGallery } from './test-gallery.ts'

/** An installation; each `start` is a process of it, which is stopped when the test has ended. */
export function importerInstallation() {
  const started: Importer[] = []
  onTestFinished(async () => {
    await Promise.all(started.map((importer) => importer.stop()))
  })
  const gallery = openTestGallery()
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  let aheadMs = 0
  const imports = createNaiveImportStore({
    now: () => clock.now() + aheadMs,
    monotonic: () => clock.monotonic() + aheadMs,
  })
  /** The clock of the store of imports is set, and no other one. */
  const setStoreClock = (ms: number) => {
    aheadMs = ms
  }
  const staged = createNaiveImageStore(gallery.clock)
  const start = (runRow: ImporterDeps['runRow'], window = 8, everyMs = 5) => {
    const deps = { gallery: { ...gallery, clock }, imports, staged, runRow }
    const importer = startImporter(deps, { window, everyMs, retryMs: 5, settleMs: 5 })
    started.push(importer)
    return importer
  }
  const begin = async (rows: number, state: 'open' | 'running' = 'running') => {
    const made = anImport({ state, takesRows: state === 'open', policies: PLAIN_POLICIES })
    await imports.records.insert(made)
    await imports.rows.add(
      made.id,
      Array.from({ length: rows }, (_, i) => aRow({ key: `row ${i}` })),
    )
    return made.id
  }
  const stateOf = async (id: ImportId) => (await imports.records.find(id))?.state
  const outcomes = async (id: ImportId) => {
    const rows = await imports.rows.list({ id, after: 0, limit: 1000 })
    return rows.map(({ outcome }) => outcome?.kind ?? 'none')
  }
  return { gallery, imports, staged, start, begin, stateOf, outcomes, setStoreClock }
}
