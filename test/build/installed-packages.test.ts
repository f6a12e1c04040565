import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasPackages } from '../../deploy/installed-packages.mjs'

const zod = { version: '4.6.7', resolved: 'https://npm.example/zod.tgz', integrity: 'sha512-a' }
const core = { resolved: 'libs/core', link: true }
const WANTED = {
  '': { name: 'semblance' },
  'libs/core': { version: '0.1.0' },
  'node_modules/@semblance/core': core,
  'node_modules/zod': zod,
  'libs/core/node_modules/zod': { ...zod, version: '3.0.0' },
  'node_modules/sharp-of-another-machine': { ...zod, optional: true },
}
const { 'node_modules/sharp-of-another-machine': _, '': __, ...THERE } = WANTED

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'semblance-packages-'))
  mkdirSync(join(root, 'node_modules'))
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: WANTED }))
})
afterEach(() => rmSync(root, { recursive: true }))

function npmNotes(text: string): void {
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), text)
}

describe('packages that somebody installed themselves', () => {
  it('are all there where npm noted those of the lockfile, optional ones left out, from whatever mirror', () => {
    npmNotes(JSON.stringify({ packages: THERE }))
    expect(hasPackages(root)).toBe(true)
    const mirrored = { ...zod, resolved: 'https://mirror.example/zod.tgz' }
    npmNotes(JSON.stringify({ packages: { ...THERE, 'node_modules/zod': mirrored } }))
    expect(hasPackages(root)).toBe(true)
  })

  it.each([
    ['another version', { 'node_modules/zod': { ...zod, version: '4.6.6' } }],
    ['other contents', { 'node_modules/zod': { ...zod, integrity: 'sha512-b' } }],
    ['one that is missing', { 'node_modules/zod': undefined }],
    ['one of a workspace that is missing', { 'libs/core/node_modules/zod': undefined }],
    ['a link to elsewhere', { 'node_modules/@semblance/core': { ...core, resolved: 'libs/other' } }],
  ])('are not all there with %s', (_what, other) => {
    npmNotes(JSON.stringify({ packages: { ...THERE, ...other } }))
    expect(hasPackages(root)).toBe(false)
  })

  it('are not known to be there without the note, or with one that cannot be read', () => {
    expect(hasPackages(root)).toBe(false)
    for (const text of ['', '{"packages":', '{}', 'null']) {
      npmNotes(text)
      expect(hasPackages(root), text).toBe(false)
    }
  })
})
