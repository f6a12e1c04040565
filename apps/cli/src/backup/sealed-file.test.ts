import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BackupKey } from './backup-key.ts'
import { readSealed, sealedSize, sealFile, unsealFile } from './sealed-file.ts'

const PIECE = 65_536
const HEAD = 40
const SEALED_PIECE = PIECE + 16
const key = new BackupKey(randomBytes(32))
const sealed = { key, name: 'pictures/ab/1' }
let folder: string
const at = (name: string) => join(folder, name)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance seal '))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a sealed file', () => {
  it.each([0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])('of %i bytes comes back', async (bytes) => {
    const content = randomBytes(bytes)
    await writeFile(at('plain'), content)
    await sealFile(at('plain'), at('sealed'), sealed)
    expect((await stat(at('sealed'))).size).toBe(sealedSize(bytes))
    await unsealFile(at('sealed'), at('back'), sealed)
    expect((await readFile(at('back'))).equals(content)).toBe(true)
  })

  it('tells nothing of its content, not even that two are the same', async () => {
    await writeFile(at('plain'), 'Ada Lovelace '.repeat(1000))
    await sealFile(at('plain'), at('one'), sealed)
    await sealFile(at('plain'), at('other'), sealed)
    const [one, other] = [await readFile(at('one')), await readFile(at('other'))]
    expect(one.includes('Ada')).toBe(false)
    expect(one.subarray(HEAD).equals(other.subarray(HEAD))).toBe(false)
  })

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['one bit', (bytes) => Buffer.from(bytes.map((byte, i) => (i === 70_000 ? byte ^ 1 : byte)))],
    ['its salt', (bytes) => Buffer.from(bytes.map((byte, i) => (i === 20 ? byte ^ 1 : byte)))],
    ['the end of it', (bytes) => bytes.subarray(0, -1)],
    ['its last piece', (bytes) => bytes.subarray(0, HEAD + 2 * SEALED_PIECE)],
    ['all pieces', (bytes) => bytes.subarray(0, HEAD)],
    ['something behind it', (bytes) => Buffer.concat([bytes, Buffer.alloc(40)])],
    [
      'the order of its pieces',
      (bytes) =>
        Buffer.concat([
          bytes.subarray(0, HEAD),
          bytes.subarray(HEAD + SEALED_PIECE, HEAD + 2 * SEALED_PIECE),
          bytes.subarray(HEAD, HEAD + SEALED_PIECE),
          bytes.subarray(HEAD + 2 * SEALED_PIECE),
        ]),
    ],
  ])('of which %s was changed is refused', async (_what, change) => {
    await writeFile(at('plain'), randomBytes(2 * PIECE + 100))
    await sealFile(at('plain'), at('sealed'), sealed)
    await writeFile(at('changed'), change(await readFile(at('sealed'))))
    await expect(readSealed(at('changed'), sealed)).rejects.toThrow('is not what was encrypted')
  })

  it('is refused under another name, and with another key', async () => {
    await writeFile(at('plain'), 'Ada')
    await sealFile(at('plain'), at('sealed'), sealed)
    const others = [
      { key, name: 'pictures/ab/2' },
      { ...sealed, key: new BackupKey(randomBytes(32)) },
    ]
    for (const other of others) await expect(readSealed(at('sealed'), other)).rejects.toThrow('damaged')
  })
})
