import {
  findImport,
  type GalleryPorts,
  type ImportId,
  type ImportRow,
  OUTCOME_KINDS,
  type OutcomeKind,
  showRows,
  type Waiting,
} from '@semblance/core'
import { stringify } from 'csv-stringify/sync'
import { z } from 'zod'
import type { ApiDeps, ImportingPorts } from '../api-deps.ts'
import { type Endpoint, endpoint } from '../endpoint/endpoint.ts'
import { streamed } from '../endpoint/reply.ts'
import { importNotFound, importParams } from './import-paths.ts'
import { REPORT_COLUMNS, type ReportLine, reportLineOf } from './report-line.ts'

const PAGE = 500

const reportQuery = z.strictObject({
  format: z.enum(['ndjson', 'csv']).default('ndjson'),
  outcome: z
    .enum([...OUTCOME_KINDS, 'none'])
    .optional()
    .meta({ description: 'Only rows that ended so; left out: all rows, ended or not.' }),
})

/** What came of each row. */
export function reportEndpoint(
  { galleryOf }: Pick<ApiDeps, 'galleryOf'>,
  ports: Pick<ImportingPorts, 'imports'>,
): Endpoint {
  return endpoint({
    method: 'get',
    path: '/api/imports/{importId}/report',
    access: 'key',
    params: importParams,
    query: reportQuery,
    docs: {
      operationId: 'get_import_report',
      tag: 'imports',
      summary: 'Read what came of each row',
      description:
        'In the order of the rows, at any time; rows that have not ended have no outcome yet. Of a person who was deleted or has expired it tells the place and the outcome alone; nor is a face told to be like theirs.',
      answers: { 200: { description: 'A line for each row.', contentType: 'application/x-ndjson' } },
      problems: [400, 404],
    },
    handle: async ({ params, query, context }) => {
      const made = await findImport(ports.imports, params.importId, context)
      if (made === null) return importNotFound()
      const { dryRun } = made.policies
      const lines = linesOf(
        { ...ports, gallery: galleryOf(context) },
        { id: made.id, dryRun, outcome: query.outcome },
        context,
      )
      return query.format === 'csv'
        ? streamed('text/csv; charset=utf-8', csvOf(lines))
        : streamed('application/x-ndjson', ndjsonOf(lines))
    },
  })
}

/** Pages of lines, each as it comes from the store. */
async function* linesOf(
  { gallery, imports }: Pick<ImportingPorts, 'imports'> & { readonly gallery: GalleryPorts },
  wanted: {
    readonly id: ImportId
    readonly dryRun: boolean
    readonly outcome: OutcomeKind | 'none' | undefined
  },
  waiting: Waiting,
): AsyncGenerator<readonly ReportLine[]> {
  const { id, dryRun, outcome } = wanted
  const kinds = outcome === undefined || outcome === 'none' ? {} : { kinds: [outcome] }
  for (let after = 0; ; ) {
    const rows: readonly ImportRow[] = await imports.rows.list({ id, after, limit: PAGE, ...kinds }, waiting)
    const shown = outcome === 'none' ? rows.filter((row) => row.outcome === null) : rows
    yield (await showRows({ gallery, imports }, { id, rows: shown }, waiting)).map((row) =>
      reportLineOf(row, dryRun),
    )
    if (rows.length < PAGE) return
    after = rows.at(-1)?.position ?? after
  }
}

async function* ndjsonOf(pages: AsyncIterable<readonly ReportLine[]>): AsyncGenerator<string> {
  for await (const lines of pages) yield lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** Texts that a spreadsheet would take for a formula come with a quote before them. */
async function* csvOf(pages: AsyncIterable<readonly ReportLine[]>): AsyncGenerator<string> {
  const columns = [...REPORT_COLUMNS]
  yield stringify([columns])
  for await (const lines of pages)
    yield stringify([...lines], { columns, escape_formulas: true, cast: { boolean: String } })
}
