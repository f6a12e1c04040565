import { type ImportStore, storeUnavailable } from '@semblance/core'
import { type DeferredPort, deferredPort } from './deferred-port.ts'

/** A store of imports that is not open yet: each of its ports is a `deferredPort`. */
export function deferredImportStore(): DeferredPort<ImportStore> {
  const records = deferredPort<ImportStore['records']>(storeUnavailable)
  const rows = deferredPort<ImportStore['rows']>(storeUnavailable)
  const persons = deferredPort<ImportStore['persons']>(storeUnavailable)
  return {
    port: { records: records.port, rows: rows.port, persons: persons.port },
    arrive: (real) => {
      records.arrive(real.records)
      rows.arrive(real.rows)
      persons.arrive(real.persons)
    },
  }
}
