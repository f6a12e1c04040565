import { join } from 'node:path'
import { skipSuite } from '@semblance/testkit'
import { expect, it } from 'vitest'
import { findSharedData } from '../servers/shared-data.ts'
import { openSmallDisk, type SmallDisk } from '../servers/small-disk.ts'
import { startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'
import { smallPhotos } from './photos.ts'

const RESERVE_BYTES = 8_000_000
/** More than a machine enrolls between two looks at the report. */
const ROWS = 120
const PATIENCE = { timeout: 120_000, interval: 100 }
const shared = findSharedData()
const disk = shared === null ? { skipped: 'no photos' } : openSmallDisk(48)

it.skipIf('skipped' in disk)(
  'an import that a full disk hits in the middle waits, blames no row, and goes on by itself',
  async () => {
    const small = disk as SmallDisk
    const [photo] = await smallPhotos(shared!)
    const env = { SEMBLANCE_DISK_RESERVE: String(RESERVE_BYTES) }
    const server = await startStandaloneServer({ dataFolder: join(small.path, 'data'), env })
    try {
      const calls = callsTo(server)
      const { id } = (await calls.ask('POST', '/imports', { name: 'Staff' })).json
      const view = async () => (await calls.ask('GET', `/imports/${id}`)).json
      const lines = Array.from({ length: ROWS }, (_, i) => {
        const row = { key: `${i}`, person: { externalId: `row ${i}` }, picture: photo!.toString('base64') }
        return `${JSON.stringify(row)}\n`
      })
      const headers = { 'content-type': 'application/x-ndjson' }
      const path = `/api/imports/${id}/rows`
      const send = (some = lines) => calls.send({ method: 'POST', path, headers, body: some.join('') })
      expect((await send()).json).toMatchObject({ added: ROWS })
      // Counts are as old as a second, in which a fast machine may enroll most of them.
      const enrolled = async () => {
        const { bytes } = await calls.ask('GET', `/imports/${id}/report?outcome=enrolled`)
        return bytes.toString().split('\n').length - 1
      }
      await expect.poll(enrolled, { ...PATIENCE, interval: 20 }).toBeGreaterThan(2)
      // It stands still until the disk is full, so that no machine is too fast for it.
      server.process.kill('SIGSTOP')
      await small.fill(0)
      server.process.kill('SIGCONT')
      await expect.poll(async () => (await view()).progress.waitsFor, PATIENCE).toBe('disk')
      const { rows } = await view()
      expect(rows.ended, 'rows are left').toBeLessThan(ROWS)
      expect(rows.byOutcome).toEqual({ enrolled: rows.ended })
      const refused = await send([lines[0]!.replace('"key":"0"', '"key":"late"')])
      expect([refused.status, refused.json.type]).toEqual([503, 'E_STORAGE_FULL'])
      await small.empty()
      await expect.poll(async () => (await view()).rows.byOutcome, PATIENCE).toEqual({ enrolled: ROWS })
      expect((await send()).json).toMatchObject({ added: 0, known: ROWS })
      expect((await calls.ask('GET', '/stats')).json.images).toBe(ROWS)
    } finally {
      await server.kill()
      small.remove()
    }
  },
  400_000,
)

if ('skipped' in disk) skipSuite('an import on a full disk', disk)
