import { createMetrics } from '@semblance/telemetry'
import { expect, it } from 'vitest'
import { clientConfigSchema } from '../../apps/cli/src/server/open-client.ts'
import { gatewayConfigSchema } from '../../apps/gateway/src/config.ts'
import { standaloneConfigSchema } from '../../apps/standalone/src/config.ts'
import { workerConfigSchema } from '../../apps/worker/src/config.ts'
import { type Page, pages, placed } from './pages.ts'
import { files, read } from './repository.ts'

const sources = files
  .filter((file) => /\.(ts|mjs|go|json)$/.test(file) && !/^test\/docs\/|package-lock/.test(file))
  .map(read)
const words = new Set(sources.flatMap((source) => source.match(/[\w$]+/g) ?? []))

/** What pages say of other programs, and no source of ours has. */
const FOREIGN: readonly string[] = [
  // The official clients.
  ...['basePath', 'baseOptions', 'ApiClient'],
  // Fields of the original that have no effect here.
  ...['detectorType', 'landmarksType', 'versionSDK'],
  // What BullMQ has, and the cluster does not use.
  ...['waitUntilFinished', 'QueueEvents'],
  // Rights in S3 and in MongoDB.
  ...['PutObject', 'GetObject', 'DeleteObject', 'ListBucket', 'readWrite'],
]

const settings = new Set(
  [clientConfigSchema, gatewayConfigSchema, standaloneConfigSchema, workerConfigSchema].flatMap((schema) =>
    Object.keys(schema.shape).flatMap((name) => [name, `${name}_FILE`]),
  ),
)
const codes = new Set(read('libs/core/src/errors.ts').match(/\bE_[A-Z_]+\b/g))
const metrics = new Set((await createMetrics().render()).body.match(/(?<=^# HELP )\w+/gm))

it.each(pages)('$file names settings that are read', (page) => {
  const named = namesIn(page, /\b(SEMBLANCE|TEST|FUZZ)_[A-Z\d_]*[A-Z\d]\b(?!_?\*|\.\.\.)/g)
  // What tests and tools read is no setting of an app: it must stand in a source.
  expect(named.filter((name) => !settings.has(name) && !words.has(name))).toEqual([])
  const endings = endingsIn(page, /^_[A-Z\d_]+$/)
  expect(endings.filter((ending) => ![...settings].some((name) => name.endsWith(ending)))).toEqual([])
})

it.each(pages)('$file names metrics that are measured', (page) => {
  const named = namesIn(page, /\b(semblance|process|nodejs)_[a-z\d_]*[a-z\d]\b(?!_?\*)/g)
  expect(named.filter((name) => !metrics.has(name.replace(/_(bucket|count|sum)$/, '')))).toEqual([])
  const endings = endingsIn(page, /^_[a-z\d_]+$/).filter((ending) => ending !== '_id')
  expect(endings.filter((ending) => ![...metrics].some((name) => name.endsWith(ending)))).toEqual([])
})

it.each(pages)('$file names error codes of the catalogue', (page) => {
  expect(namesIn(page, /\bE_[A-Z_]*[A-Z]\b/g).filter((name) => !codes.has(name))).toEqual([])
})

it.each(pages)('$file names fields, functions and types that some source has', (page) => {
  const unknown = [...page.codes, ...page.sourceLines].flatMap((code) =>
    (code.text.match(/\b([a-z]+|[A-Z][a-z]+)[A-Z]\w*\b/g) ?? [])
      .filter((name) => !words.has(name) && !FOREIGN.includes(name))
      .map((text) => placed(page, { ...code, text })),
  )
  expect(unknown).toEqual([])
})

it('lists every metric in the README of telemetry', () => {
  const listed = read('libs/telemetry/README.md')
  const ours = [...metrics].filter((name) => name.startsWith('semblance_'))
  const unlisted = ours.filter((name) => {
    const parts = name.split('_')
    // A row may give the first one in full and the endings of the others.
    return !parts.some((_, index) =>
      listed.includes(`\`${index === 0 ? '' : '_'}${parts.slice(index).join('_')}`),
    )
  })
  expect(ours.length).toBeGreaterThan(30)
  expect(unlisted).toEqual([])
})

function namesIn(page: Page, pattern: RegExp): readonly string[] {
  return [...new Set(page.text.match(pattern))]
}

function endingsIn(page: Page, pattern: RegExp): readonly string[] {
  return page.codes.map(({ text }) => text).filter((text) => pattern.test(text))
}
