import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { AppError } from '@semblance/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPack, type PackProgress } from './open-pack.ts'
import { type PackManifest, packIdOf, packManifestSchema } from './pack-manifest.ts'

const PACKS = join(import.meta.dirname, '../../../../models')

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'models with spaces '))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function builtinManifest(): Promise<PackManifest> {
  return packManifestSchema.parse(JSON.parse(await readFile(join(PACKS, 'builtin/pack.json'), 'utf8')))
}

/** The built-in manifest with small files that were put there by hand. */
async function aSuppliedPack(change: (manifest: PackManifest) => void = () => {}): Promise<void> {
  const manifest = await builtinManifest()
  manifest.id = 'own'
  await mkdir(join(folder, 'cache/own'), { recursive: true })
  for (const [role, file] of Object.entries(manifest.files)) {
    const content = Buffer.from(`the bytes of ${role}`)
    file.origin = { kind: 'supplied' }
    file.sha256 = createHash('sha256').update(content).digest('hex')
    file.bytes = content.length
    await writeFile(join(folder, 'cache/own', file.file), content)
  }
  change(manifest)
  await mkdir(join(folder, 'packs/own'), { recursive: true })
  await writeFile(join(folder, 'packs/own/pack.json'), JSON.stringify(manifest))
}

/** The built-in manifest with only the landmarks still to be compiled. */
async function aCompiledPack(change: (file: PackManifest['files'][string]) => void): Promise<void> {
  const { files } = await builtinManifest()
  const landmarks = files.landmarks!
  change(landmarks)
  await aSuppliedPack((manifest) => {
    manifest.files.landmarks = landmarks
  })
  await rm(join(folder, 'cache/own/landmarks.onnx'))
}

const openOwn = () =>
  openPack({ packsFolder: join(folder, 'packs'), modelsFolder: join(folder, 'cache'), packId: 'own' })

async function refusal(opening: Promise<unknown>): Promise<AppError> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(AppError)
  expect((error as AppError).code).toBe('E_PACK_INVALID')
  return error as AppError
}

describe('openPack', () => {
  it('compiles the built-in pack to the bytes its manifest promises, only once, and keeps none under a former name', async () => {
    const steps: PackProgress[] = []
    const options = { packsFolder: PACKS, modelsFolder: folder, packId: 'builtin' }
    const onProgress = (step: PackProgress) => steps.push(step)
    const { manifest, files } = await openPack({ ...options, onProgress })
    for (const [role, { bytes }] of Object.entries(manifest.files)) {
      expect((await readFile(files[role]!)).length).toBe(bytes)
    }
    expect(steps.filter((step) => step.action === 'compile').map((step) => step.done)).toEqual([
      0, 1, 2, 3, 4,
    ])
    expect(await readdir(join(folder, 'builtin'))).toHaveLength(5)
    expect(packIdOf(manifest)).toBe('builtin@1')

    steps.length = 0
    const former = join(folder, 'builtin/emotion-0.onnx')
    await cp(files.emotion!, former)
    await utimes(former, new Date('2020-01-01'), new Date('2020-01-01'))
    await openPack({ ...options, onProgress })
    expect(steps.map((step) => step.action)).toEqual(Array(5).fill('verify'))
    expect(await readdir(join(folder, 'builtin'))).toHaveLength(5)
  })

  it('refuses a file whose content was changed, and leaves it as it is', async () => {
    await aSuppliedPack()
    const path = join(folder, 'cache/own/descriptor-b.onnx')
    await writeFile(path, 'the bytes of descriptor-c')
    expect((await refusal(openOwn())).message).toContain(path)
    expect(await readFile(path, 'utf8')).toBe('the bytes of descriptor-c')
  })

  it('names the place of a file that is missing and cannot be compiled', async () => {
    await aSuppliedPack()
    await rm(join(folder, 'cache/own/detector.onnx'))
    expect((await refusal(openOwn())).message).toContain(
      `${join(folder, 'cache/own/detector.onnx')} is missing`,
    )
  })

  it('keeps nothing when a compiled network is not the promised one', async () => {
    await aCompiledPack((file) => {
      file.sha256 = '0'.repeat(64)
    })
    expect((await refusal(openOwn())).message).toContain('compiling landmarks.onnx gave the checksum')
    expect(existsSync(join(folder, 'cache/own/landmarks.onnx'))).toBe(false)
  })

  it('refuses to compile weights other than those the manifest names', async () => {
    await aCompiledPack((file) => {
      if (file.origin.kind === 'compiled') file.origin.bin.sha256 = '0'.repeat(64)
    })
    expect((await refusal(openOwn())).message).toContain('is not the file of @vladmandic/face-api 1.7.15')
  })

  it('says which package is missing', async () => {
    await aCompiledPack((file) => {
      if (file.origin.kind === 'compiled') file.origin.package = '@semblance/absent'
    })
    expect((await refusal(openOwn())).message).toContain('@semblance/absent 1.7.15 is not installed')
  })

  it.each(['absent', '../builtin', ''])('refuses the pack name "%s"', async (packId) => {
    await refusal(openPack({ packsFolder: PACKS, modelsFolder: folder, packId }))
  })

  it('keeps versions of one pack side by side, and finds each by its name', async () => {
    await aSuppliedPack()
    const [packs, cache] = [join(folder, 'packs'), join(folder, 'cache')]
    await cp(join(packs, 'own'), join(packs, 'own@2'), { recursive: true })
    await cp(join(cache, 'own'), join(cache, 'own@2'), { recursive: true })
    const manifest = JSON.parse(await readFile(join(packs, 'own@2/pack.json'), 'utf8'))
    await writeFile(join(packs, 'own@2/pack.json'), JSON.stringify({ ...manifest, version: 2 }))
    const versions = ['own', 'own@1', 'own@2'].map(async (packId) => {
      const opened = await openPack({ packsFolder: packs, modelsFolder: cache, packId })
      return [packIdOf(opened.manifest), dirname(opened.files.detector!)]
    })
    expect(await Promise.all(versions)).toEqual([
      ['own@1', join(cache, 'own')],
      ['own@1', join(cache, 'own')],
      ['own@2', join(cache, 'own@2')],
    ])
    const absent = openPack({ packsFolder: packs, modelsFolder: cache, packId: 'own@3' })
    expect((await refusal(absent)).message).toContain('says that it is own@1')
  })

  it('links a network that another pack has already, and takes none that is damaged', async () => {
    await aCompiledPack(() => {})
    const [packs, cache] = [join(folder, 'packs'), join(folder, 'cache')]
    const manifest = packManifestSchema.parse(
      JSON.parse(await readFile(join(packs, 'own/pack.json'), 'utf8')),
    )
    const open = async () => {
      const steps: string[] = []
      const onProgress = ({ action, file }: PackProgress) => steps.push(`${action} ${file}`)
      const { files } = await openPack({ packsFolder: packs, modelsFolder: cache, packId: 'own', onProgress })
      return { path: files.landmarks!, made: steps.filter((step) => step.startsWith('compile')) }
    }
    const { path, made } = await open()
    expect(made).toEqual(['compile landmarks.onnx'])

    await mkdir(join(packs, 'twin'))
    await mkdir(join(cache, 'twin'))
    const twin = { ...manifest, id: 'twin' }
    twin.files = { ...twin.files, landmarks: { ...twin.files.landmarks!, file: 'points.onnx' } }
    await writeFile(join(packs, 'twin/pack.json'), JSON.stringify(twin))
    await rename(path, join(cache, 'twin/points.onnx'))
    expect((await open()).made).toEqual([])
    expect((await stat(path)).ino).toBe((await stat(join(cache, 'twin/points.onnx'))).ino)

    await rm(path)
    await writeFile(join(cache, 'twin/points.onnx'), 'cut short')
    expect((await open()).made).toEqual(['compile landmarks.onnx'])
  })

  it('refuses two packs of one id and version', async () => {
    await aSuppliedPack()
    await cp(join(folder, 'packs/own'), join(folder, 'packs/own@1'), { recursive: true })
    expect((await refusal(openOwn())).message).toContain('both say that they are own@1')
  })

  it('refuses a pack in the folder of another', async () => {
    await aSuppliedPack()
    await rename(join(folder, 'packs/own'), join(folder, 'packs/other'))
    const opening = openPack({ packsFolder: join(folder, 'packs'), modelsFolder: folder, packId: 'other' })
    expect((await refusal(opening)).message).toContain('says that it is own@1, but is not in a folder')
  })

  it('refuses a source that leads out of its package', async () => {
    await aCompiledPack((file) => {
      if (file.origin.kind === 'compiled') file.origin.bin.path = 'model/../../x.bin'
    })
    expect((await refusal(openOwn())).message).toContain('is not valid')
  })

  it('refuses a manifest whose parts do not add up to its descriptor', async () => {
    await aSuppliedPack((manifest) => {
      manifest.descriptorLength = 513
    })
    expect((await refusal(openOwn())).message).toContain('descriptorLength is 513, the recognizers give 512')
  })

  it.each<[what: string, change: (manifest: PackManifest) => void, why: string]>([
    [
      'a cosine above 1',
      ({ calibration }) => Object.assign(calibration.operatingPoint, { richCheap: 1.2 }),
      'richCheap',
    ],
    [
      'a shift that rises with the quality',
      ({ calibration }) =>
        Object.assign(calibration, {
          qualityShift: {
            points: [
              [10, 0.1],
              [50, 0.2],
              [80, 0],
            ],
            source: 'x',
          },
        }),
      'qualityShift.points',
    ],
    [
      'a shift that does not end at 0',
      ({ calibration }) =>
        Object.assign(calibration, {
          qualityShift: {
            points: [
              [10, 0.1],
              [80, 0.05],
            ],
            source: 'x',
          },
        }),
      'qualityShift.points',
    ],
    [
      'a shift of damage below 0',
      ({ calibration }) => Object.assign(calibration, { damageShift: { shift: -0.1, source: 'x' } }),
      'damageShift.shift',
    ],
    [
      'damage that is none and certain at once',
      (manifest) =>
        Object.assign(manifest, {
          quality: {
            bias: 0,
            terms: [{ sign: 'norm', worst: 0, best: 1, weight: 1 }],
            damage: [{ sign: 'flat', none: 0.5, certain: 0.5 }],
            source: 'x',
          },
        }),
      'none and certain must differ',
    ],
    [
      'a quality that gets better by a worse sign',
      (manifest) =>
        Object.assign(manifest, {
          quality: { bias: 0, terms: [{ sign: 'norm', worst: 0, best: 1, weight: -1 }], source: 'x' },
        }),
      'quality.terms[0].weight',
    ],
    [
      'a quality by a sign that nobody knows',
      (manifest) =>
        Object.assign(manifest, {
          quality: { bias: 0, terms: [{ sign: 'charm', worst: 0, best: 1, weight: 1 }], source: 'x' },
        }),
      'quality.terms[0].sign',
    ],
    [
      'tails by which more strangers come nearer',
      ({ calibration }) => {
        const tail = [
          [0.5, 0.01],
          [0.6, 0.1],
        ]
        const tails = { richCheap: tail, cheapCheap: tail, richRich: tail, source: 'x' }
        Object.assign(calibration, { impostorTails: tails })
      },
      'rates must fall',
    ],
    [
      'no operating point',
      (manifest) => Object.assign(manifest, { calibration: {} }),
      'calibration.operatingPoint',
    ],
    [
      'a weight of 0',
      ({ recognizers }) => Object.assign(recognizers[0]!, { weight: 0 }),
      'recognizers[0].weight',
    ],
    [
      'a chip without a side',
      ({ recognizers }) => Object.assign(recognizers[1]!.chip, { side: 0 }),
      'recognizers[1].chip.side',
    ],
    [
      'fewer features than it has',
      ({ recognizers }) => Object.assign(recognizers[0]!, { features: 64 }),
      'the recognizers give 448',
    ],
    [
      'a sum that is none',
      ({ files }) => Object.assign(files.detector!, { sha256: 'abc' }),
      'files.detector.sha256',
    ],
    [
      'a role without a file',
      ({ files }) => void delete files.landmarks,
      "no file with the role 'landmarks'",
    ],
  ])('refuses a manifest with %s, and says where', async (_, change, why) => {
    await aSuppliedPack(change)
    const { message } = await refusal(openOwn())
    expect(message).toContain('packs/own/pack.json is not valid')
    expect(message).toContain(why)
  })

  it('refuses a manifest that names a file outside its folder', async () => {
    await aSuppliedPack((manifest) => {
      manifest.files.detector!.file = '../builtin/detector.onnx'
    })
    await refusal(openOwn())
  })

  it('stops when it is told to', async () => {
    await aSuppliedPack()
    const signal = AbortSignal.abort()
    const opening = openPack({
      packsFolder: join(folder, 'packs'),
      modelsFolder: join(folder, 'cache'),
      packId: 'own',
      signal,
    })
    await expect(opening).rejects.toBe(signal.reason)
  })
})
