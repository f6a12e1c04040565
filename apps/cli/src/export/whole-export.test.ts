import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { saveStream } from '../command/save-stream.ts'
import { type Exported, wholeExport } from './whole-export.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance export '))
})
afterEach(() => rm(folder, { recursive: true }))

const LINES = '{"type":"person","id":"a"}\n{"type":"end","groups":1,"persons":2,"images":3}\n'
const nothing = (): Exported => ({ bytes: 0, counts: null })
async function* inPieces(text: string, fault?: Error) {
  for (let at = 0; at < text.length; at += 7) yield Buffer.from(text.slice(at, at + 7))
  if (fault !== undefined) throw fault
}

describe('an export into a file', () => {
  it('has its name once it is whole, and its counts', async () => {
    const exported = nothing()
    const file = join(folder, 'all.ndjson')
    await saveStream(file, wholeExport(inPieces(LINES), 'ndjson', exported))
    expect(exported).toEqual({ bytes: LINES.length, counts: { groups: 1, persons: 2, images: 3 } })
    expect(await readFile(file, 'utf8')).toBe(LINES)
    expect(await readdir(folder)).toEqual(['all.ndjson'])
  })

  it.each([
    ['within its last line', inPieces(LINES.slice(0, -5))],
    ['between two lines', inPieces(LINES.slice(0, 27))],
    ['before its first byte', inPieces('')],
    ['by a broken connection', inPieces(LINES, new Error('cut'))],
  ])('that is cut %s leaves no file', async (_where, pieces) => {
    await expect(saveStream(join(folder, 'all'), wholeExport(pieces, 'ndjson', nothing()))).rejects.toThrow(
      /cut/,
    )
    expect(await readdir(folder)).toEqual([])
  })

  it('as a tar is whole with the zeros that every tar ends with', async () => {
    const whole = `file${'\0'.repeat(1024)}`
    const file = join(folder, 'all.tar')
    await saveStream(file, wholeExport(inPieces(whole), 'tar', nothing()))
    const cut = wholeExport(inPieces(whole.slice(0, -300)), 'tar', nothing())
    await expect(saveStream(join(folder, 'cut.tar'), cut)).rejects.toThrow('cut off')
    expect(await readdir(folder)).toEqual(['all.tar'])
  })

  it('replaces no file that is there', async () => {
    const file = join(folder, 'all')
    await writeFile(file, 'mine')
    await expect(saveStream(file, wholeExport(inPieces(LINES), 'ndjson', nothing()))).rejects.toThrow(
      'there already',
    )
    expect(await readFile(file, 'utf8')).toBe('mine')
    expect(await readdir(folder)).toEqual(['all'])
  })
})
