import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { createImageLinks } from './image-links.ts'
import { closeAll, closers, PICTURE } from './testing/link-rig.ts'

const base = mkdtempSync(join(tmpdir(), 'semblance-links-file-'))
const root = join(base, 'root')
const outside = join(base, 'outside')
mkdirSync(join(root, 'deep'), { recursive: true })
mkdirSync(outside)
mkdirSync(join(base, 'root-not'))
for (const path of ['root/a.jpg', 'root/deep/ä b%20#1.jpg', 'outside/secret', 'root-not/secret'])
  writeFileSync(join(base, path), PICTURE)
symlinkSync(join(outside, 'secret'), join(root, 'to-secret'))
symlinkSync(outside, join(root, 'to-outside'))
symlinkSync(join(outside, 'nothing'), join(root, 'to-nothing'))
symlinkSync(join(root, 'a.jpg'), join(root, 'to-a'))
symlinkSync('self', join(root, 'self'))
symlinkSync('/proc/self/environ', join(root, 'environ'))
symlinkSync('/dev/zero', join(root, 'zero'))
symlinkSync(root, join(base, 'root-by-link'))
linkSync(join(root, 'a.jpg'), join(root, 'hard'))
execFileSync('mkfifo', [join(root, 'pipe')])
writeFileSync(join(root, 'limit'), new Uint8Array(64_000))
writeFileSync(join(root, 'huge'), '')
truncateSync(join(root, 'huge'), 1e12)

afterEach(closeAll)
afterAll(() => rmSync(base, { recursive: true, force: true }))

async function fetchFrom(link: string, roots: readonly string[] = [root]) {
  const made = createImageLinks({ maxBytes: 64_000, timeoutMs: 5_000, fileRoots: roots })
  closers.push(() => made.close())
  return made.fetch(link)
}

async function reasonOf(link: string, roots?: readonly string[]): Promise<string> {
  const outcome = await fetchFrom(link, roots)
  return outcome.outcome === 'refused' ? outcome.reason : outcome.outcome
}

describe('files below a root', () => {
  test.each([
    ['as they are', pathToFileURL(join(root, 'a.jpg')).href],
    ['with escapes', pathToFileURL(join(root, 'deep/ä b%20#1.jpg')).href],
    ['on this very machine', `file://localhost${root}/a.jpg`],
    ['by a way that stays inside', `file://${root}/deep/../a.jpg`],
    ['by a symbolic link that stays inside', `file://${root}/to-a`],
    ['by another name of the same file', `file://${root}/hard`],
    ['with the scheme in capitals', `FILE://${root}/a.jpg`],
  ])('%s are given', async (_how, link) => {
    expect(await fetchFrom(link)).toMatchObject({ outcome: 'fetched', bytes: PICTURE })
  })

  test('are given when the root itself is a symbolic link', async () => {
    const byLink = join(base, 'root-by-link')
    expect(await reasonOf(`file://${byLink}/a.jpg`, [byLink])).toBe('fetched')
  })

  test('of exactly the limit are given, larger ones refused unread', async () => {
    expect(await reasonOf(`file://${root}/limit`)).toBe('fetched')
    expect(await reasonOf(`file://${root}/huge`)).toBe('too-large')
  })

  test('lie in memory of their own, which a worker thread can take over', async () => {
    const outcome = await fetchFrom(`file://${root}/a.jpg`)
    expect(outcome.outcome === 'fetched' && outcome.bytes.buffer.byteLength).toBe(PICTURE.length)
  })
})

describe('outside the roots', () => {
  test.each([
    ['the password file', 'file:///etc/passwd'],
    ['up and out', `file://${root}/../outside/secret`],
    ['up and out, escaped', `file://${root}/%2e%2e/outside/secret`],
    ['up and out, half escaped', `file://${root}/.%2E/outside/secret`],
    ['up and out with backslashes', `file://${root}\\..\\outside\\secret`],
    ['up and out with a tab inside', `file://${root}/.\t./outside/secret`],
    ['a folder whose name begins like the root', `file://${base}/root-not/secret`],
    ['the root itself', `file://${root}`],
  ])('%s is refused', async (_what, link) => {
    expect(await reasonOf(link)).toBe('address-not-allowed')
  })

  test.each([
    ['a symbolic link to a file', 'to-secret'],
    ['a symbolic link to a folder', 'to-outside/secret'],
    ['a symbolic link to nowhere', 'to-nothing'],
    ['a symbolic link to itself', 'self'],
    ['a symbolic link to a device', 'zero'],
    ['a symbolic link into this process', 'environ'],
    ['a missing file behind a symbolic link', 'to-outside/nothing'],
    ['a missing file', 'nothing'],
    ['a folder', 'deep'],
    ['a pipe', 'pipe'],
    ['a file as a folder', 'a.jpg/x'],
    ['a name that is too long', 'x'.repeat(300)],
  ])('%s is refused with the same word as anything missing', async (_what, path) => {
    expect(await reasonOf(`file://${root}/${path}`)).toBe('bad-status')
  })
})

describe('what is no link to a file of this machine', () => {
  test.each([
    ['another machine', `file://files.test${root}/a.jpg`],
    ['another machine by address', `file://127.0.0.1${root}/a.jpg`],
    ['credentials', `file://user:pass@localhost${root}/a.jpg`],
    ['an escaped slash', `file://${root}%2fa.jpg`],
    ['an escaped zero', `file://${root}/a.jpg%00.png`],
    ['broken escapes', `file://${root}/%ff%fe`],
    ['a query', `file://${root}/a.jpg?x`],
    ['a fragment', `file://${root}/a.jpg#x`],
    ['a slash at the end', `file://${root}/deep/`],
  ])('%s is an invalid link', async (_what, link) => {
    expect(await reasonOf(link)).toBe('invalid-link')
  })

  test.each([
    `file:${root}/a.jpg`,
    ` file://${root}/a.jpg`,
    `fi\nle://${root}/a.jpg`,
    `view-source:file://${root}/a.jpg`,
  ])('what only a lenient reader takes for a file is an unknown scheme: %j', async (link) => {
    expect(await reasonOf(link)).toBe('unsupported-scheme')
  })

  test('every file is of an unknown scheme while no root is set', async () => {
    expect(await reasonOf(`file://${root}/a.jpg`, [])).toBe('unsupported-scheme')
  })
})

test('a file is not read into another place while it is being opened', async () => {
  const flip = join(root, 'flip')
  const inside = join(root, 'deep-flip')
  mkdirSync(inside)
  writeFileSync(join(inside, 'secret'), 'harmless')
  let isFlipping = true
  const flipping = (async () => {
    while (isFlipping) {
      for (const target of [inside, outside]) {
        rmSync(flip, { force: true })
        symlinkSync(target, flip)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  })()
  const made = createImageLinks({ maxBytes: 64_000, fileRoots: [root] })
  closers.push(() => made.close())
  const sizes = new Set<number>()
  for (let round = 0; round < 300; round += 1) {
    const outcome = await made.fetch(`file://${flip}/secret`)
    if (outcome.outcome === 'fetched') sizes.add(outcome.bytes.length)
  }
  isFlipping = false
  await flipping
  expect([...sizes].filter((size) => size !== 'harmless'.length)).toEqual([])
})

test.each(['relative/folder', '/', '/tmp/..', './x'])('a root must be an absolute folder: %s', (entry) => {
  expect(() => createImageLinks({ maxBytes: 1, fileRoots: [entry] })).toThrow(TypeError)
})
