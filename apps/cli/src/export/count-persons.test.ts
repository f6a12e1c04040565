import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import { expect, it } from 'vitest'
import { countPersons } from './count-persons.ts'
import type { ExportFormat } from './whole-export.ts'

const LINES = `${[
  { type: 'person', id: 'a', name: '\n{"type":"person"' },
  { type: 'image', id: 'b' },
  { type: 'person', id: 'c' },
  { type: 'end', groups: 0, persons: 2, images: 1 },
]
  .map((line) => JSON.stringify(line))
  .join('\n')}\n`

async function aTar(): Promise<Buffer> {
  const tar = pack()
  tar.entry({ name: 'semblance-export.json' }, '{}')
  for (const id of ['a', 'b', 'c']) {
    tar.entry({ name: `persons/${id}/person.json` }, '{}')
    tar.entry({ name: `persons/${id}/1.jpg` }, Buffer.alloc(1300, 'persons/x/person.json\0'))
  }
  tar.finalize()
  return buffer(tar)
}

it.each([
  ['ndjson', () => Buffer.from(LINES), 2],
  ['tar', aTar, 3],
] as const)('counts the persons of an export as %s, however it is cut into pieces', async (format, make, persons) => {
  const bytes = await make()
  for (const size of [1, 7, 511, 512, 5000]) {
    const count = countPersons(format satisfies ExportFormat)
    let counted = 0
    for (let at = 0; at < bytes.length; at += size) counted = count(bytes.subarray(at, at + size))
    expect(counted, `pieces of ${size}`).toBe(persons)
  }
})
