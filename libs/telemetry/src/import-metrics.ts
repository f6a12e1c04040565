import { Counter, type Registry } from 'prom-client'

/** What comes of imports. */
export interface ImportMetrics {
  /** A row of an import has ended so, for instance `enrolled` or `no-face`; few and fixed. */
  countImportRow(outcome: string): void
}

export function createImportMetrics(registry: Registry): ImportMetrics {
  const rows = new Counter({
    name: 'semblance_import_rows_total',
    help: 'Rows of imports that have ended, by what came of them.',
    labelNames: ['outcome'],
    registers: [registry],
  })
  return { countImportRow: (outcome) => rows.inc({ outcome: outcome.replaceAll('-', '_') }) }
}
