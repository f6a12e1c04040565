import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { writeOnnx } from '../compile/onnx-writer.ts'
import { readManifest } from './read-manifest.ts'
import { removeFormerFiles } from './remove-former-files.ts'

const PACKS = join(import.meta.dirname, '../../../../models')

/** As set-up compiles one. */
const COMPILED = writeOnnx({ name: 'former', nodes: [], constants: [], inputs: [], outputs: [] })
/** The same fields, by another program. */
const FOREIGN = Buffer.from('\x08\x08\x12\x07pytorch:\x00', 'latin1')

async function aFolder(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'models-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'builtin'))
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, 'builtin', name), content)
  return folder
}

it('networks that were compiled under former names go, and nothing else', async () => {
  const theirs = {
    'detector-7.onnx': FOREIGN,
    'detector-8.onnx': '',
    'detector-old.onnx': COMPILED,
    'notes.txt': 'mine',
    'copy.bin': COMPILED,
  }
  const former = ['detector-0.onnx', 'landmarks-12.onnx']
  const folder = await aFolder({ ...theirs, ...Object.fromEntries(former.map((name) => [name, COMPILED])) })
  for (const name of [...former, ...Object.keys(theirs)]) await utimes(join(folder, 'builtin', name), 0, 0)
  // Of the version that ran here until now.
  await writeFile(join(folder, 'builtin/emotion-0.onnx'), COMPILED)
  await mkdir(join(folder, 'builtin/folder.onnx'))
  await mkdir(join(folder, 'other'))
  await writeFile(join(folder, 'other/judge.onnx'), COMPILED)

  const { manifest } = await readManifest(PACKS, 'builtin')
  const names = Object.values(manifest.files).map(({ file }) => file)
  for (const name of names) await writeFile(join(folder, 'builtin', name), COMPILED)

  await removeFormerFiles(join(folder, 'builtin'), manifest)

  const left = await readdir(join(folder, 'builtin'))
  expect(left.toSorted()).toEqual(
    [...names, ...Object.keys(theirs), 'emotion-0.onnx', 'folder.onnx'].toSorted(),
  )
  expect(await readFile(join(folder, 'builtin/detector-7.onnx'))).toEqual(FOREIGN)
  expect(existsSync(join(folder, 'other/judge.onnx'))).toBe(true)
})

it('nothing goes from the folder of a pack whose networks were all put there', async () => {
  const folder = await aFolder({ 'judge.onnx': COMPILED })
  const { manifest } = await readManifest(PACKS, 'builtin')
  const supplied = Object.entries(manifest.files).map(([role, file]) => [
    role,
    { ...file, origin: { kind: 'supplied' } as const },
  ])
  await removeFormerFiles(join(folder, 'builtin'), { ...manifest, files: Object.fromEntries(supplied) })
  expect(await readdir(join(folder, 'builtin'))).toEqual(['judge.onnx'])
})
