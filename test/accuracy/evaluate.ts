import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { AppError, type FaceEngine } from '@semblance/core'
import { openOnnxFaceEngine, openPack } from '@semblance/engine'
import { endWithUsage, orUsage } from '../command-line/usage.ts'
import { bandReport, othersReport, shiftOfPoints } from './band-report.ts'
import { type DamagePlan, readSeenPhotos, type SeenPhoto, seePhotos } from './damaged-photos.ts'
import { describePhotos, type PhotoDescriptors } from './describe-photos.ts'
import { identify, pairsPoint } from './identification.ts'
import { type LfwSet, readLfwSet } from './lfw-set.ts'
import { limitTable, measureLimits } from './quality-limits.ts'
import { qualityReport } from './quality-report.ts'
import { drawScores } from './score-picture.ts'
import { tailReport } from './tail-report.ts'
import { verificationAccuracy } from './verification.ts'

/**
 * `npm run evaluate`: the accuracy of a model pack on Labeled Faces in the Wild, through the real engine. Prints a table,
 * or one JSON object a line; writes nothing. Ends with 2 if it was told what it does not know.
 */
const USAGE = `usage: npm run evaluate -- <folder> [--json] [--limit people] [--pack id] [--quality | --tails | --fit file | --bands file | --others file | --draw file]

  folder     of Labeled Faces in the Wild, with images/ and the lists of pairs, for instance ../shared/data/lfw-dev
  --json     one JSON object a line instead of a table
  --limit    so many people, evenly drawn; all of them if it is left out
  --pack     the model pack; builtin@2 if it is left out
  --quality  instead: what the limits of imports (standard, strict) refuse, also of photos that are made worse, and what
             is found of the others; and of the pictures in photos/ beside the folder. --json: one object for each photo
  --tails    instead: how near strangers come, as pack.json has it, and how well a targetFpir is kept by that
  --fit      instead: how well a face can be compared, fitted to photos that are made worse, as pack.json has it. The
             file keeps what was seen of each photo: made if it is not there, and gone on with if it is
  --bands    instead: how much more alike two bad faces must be, as pack.json has it, and how often strangers come within
             distance 1 by that. The file is that of --fit; only what is in it counts
  --others   instead: how often strangers come within distance 1 by what pack.json has, of people whom --fit leaves out. The
             file is one more of that kind
  --draw     instead: docs/plots/scores.svg, of that file`
/** Of so many people a photo is made worse in a dozen ways. */
const DEGRADED_PEOPLE = 80
/** What is made worse for `--fit`: nine photos for each person with several, which takes minutes. */
const DAMAGE: DamagePlan = { several: 496, single: [0, 500], each: 9, eachSingle: 3 }
/** For `--others`: people whom `--fit` leaves out, made worse in every way that there is. */
const OTHERS: DamagePlan = { several: 0, single: [500, 1300], each: 0, eachSingle: 9 }
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: 'share' | 'cosine' | 'seconds' | 'count'
  /** Measured for the built-in pack when it was designed; null where there is none. */
  readonly goal: number | null
  /** Of a count: more probes say more. Of an operating point: strangers look less alike. */
  readonly better: 'more' | 'less'
}

const { values: options, positionals } = orUsage(
  () =>
    parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        limit: { type: 'string' },
        pack: { type: 'string', default: 'builtin@2' },
        quality: { type: 'boolean', default: false },
        tails: { type: 'boolean', default: false },
        fit: { type: 'string' },
        bands: { type: 'string' },
        others: { type: 'string' },
        draw: { type: 'string' },
      },
    }),
  USAGE,
)
const [folder, ...others] = positionals
if (folder === undefined) endWithUsage('name the folder of the photos', USAGE)
if (others.length > 0) endWithUsage(`one folder is enough: what is ${others.join(', ')}?`, USAGE)
const limit = options.limit === undefined ? undefined : Number(options.limit)
if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
  endWithUsage(`--limit must be a whole number above 0, not ${options.limit}`, USAGE)

const set = await readLfwSet(folder, limit).catch((error: NodeJS.ErrnoException) => {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
  return endWithUsage(`${folder} is not such a folder: there is no ${error.path}`, USAGE)
})
const pack = await openPack({
  packsFolder: join(ROOT, 'models'),
  modelsFolder: process.env.SEMBLANCE_MODELS ?? join(ROOT, 'models', '.cache'),
  packId: options.pack,
}).catch((error: unknown) => {
  if (!(error instanceof AppError)) throw error
  return endWithUsage(error.message, USAGE)
})
if (options.quality) await evaluateLimits(set)
else if (options.bands !== undefined) console.log(await reportBands(options.bands))
else if (options.others !== undefined) console.log(await reportOthers(set, options.others))
else if (options.draw !== undefined)
  process.stdout.write(drawScores(await photosOf(options.draw), pointOfPack()))
else if (options.fit !== undefined) await fitToDamage(set, options.fit)
else if (options.tails) console.log(tailReport(set, await describeAll(set)))
else await evaluateIdentification(set)

async function evaluateIdentification(photos: LfwSet): Promise<void> {
  const startedAt = performance.now()
  const descriptors = await describeAll(photos)
  const figures = figuresOf(photos, descriptors, (performance.now() - startedAt) / 1000)
  if (options.json) for (const figure of figures) console.log(JSON.stringify(figure))
  else printTable(figures)
}

async function reportBands(file: string): Promise<string> {
  const { quality: model } = pack.manifest
  if (model === undefined) return endWithUsage(`${options.pack} does not tell how good faces are`, USAGE)
  return bandReport(await photosOf(file), { model, operatingPoint: pointOfPack() })
}

async function reportOthers(photos: LfwSet, file: string): Promise<string> {
  const { quality: model, calibration } = pack.manifest
  const { qualityShift, damageShift } = calibration
  if (model === undefined) return endWithUsage(`${options.pack} does not tell how good faces are`, USAGE)
  const seen = await withEngine((engine) => seePhotos(engine, { set: photos, plan: OTHERS, file }))
  const shift = {
    qualityShift: qualityShift && shiftOfPoints(qualityShift.points),
    damageShift: damageShift?.shift,
  }
  return othersReport(seen, { model, operatingPoint: pointOfPack(), shift })
}

function pointOfPack(): number {
  const { cheapCheap } = pack.manifest.calibration.operatingPoint
  return cheapCheap ?? endWithUsage(`${options.pack} has no operating point`, USAGE)
}

async function photosOf(file: string): Promise<readonly SeenPhoto[]> {
  const photos = await readSeenPhotos(file)
  return photos.length > 0 ? photos : endWithUsage(`${file} has no photos: make it with --fit`, USAGE)
}

async function fitToDamage(photos: LfwSet, file: string): Promise<void> {
  const report = await withEngine(async (engine) => {
    const seen = await seePhotos(engine, { set: photos, plan: DAMAGE, file })
    return qualityReport(seen, engine.calibration.cheapCheap)
  })
  console.log(report)
}

function describeAll(photos: LfwSet): Promise<PhotoDescriptors> {
  return withEngine((engine) =>
    describePhotos(engine, {
      set: photos,
      isAlike: describesAlike(pack.manifest),
      onProgress: (done, total) => {
        if (done % 200 === 0 || done === total) console.error(`${done} of ${total} descriptors`)
      },
    }),
  )
}

function describesAlike({ recognizers }: (typeof pack)['manifest']): boolean {
  return recognizers.every(({ enrollment, search }) => isDeepStrictEqual(enrollment, search))
}

async function evaluateLimits(photos: LfwSet): Promise<void> {
  const beside = join(folder as string, '..', 'photos')
  const pictures = existsSync(beside) ? beside : null
  const plan = { set: photos, degraded: DEGRADED_PEOPLE, pictures }
  const report = await withEngine((engine) => measureLimits(engine, plan))
  if (options.json) for (const photo of report.photos) console.log(JSON.stringify(photo))
  else console.log(limitTable(report.figures))
}

async function withEngine<T>(work: (engine: FaceEngine) => Promise<T>): Promise<T> {
  const limits = { maxPixels: 50_000_000, maxFaces: 64 }
  const threads = availableParallelism()
  const engine = await openOnnxFaceEngine({ pack, threads, limits, observe: () => {} })
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

function figuresOf(photos: LfwSet, found: PhotoDescriptors, seconds: number): Figure[] {
  const { rank1, fnirAt, richCheap } = identify(photos, found)
  const all =
    found.rich === found.cheap ? [...found.cheap.values()] : [...found.rich.values(), ...found.cheap.values()]
  const failures = all.filter((descriptor) => descriptor === null).length
  const share = { unit: 'share', better: 'less' } as const
  const point = { unit: 'cosine', goal: null, better: 'less' } as const
  const count = { unit: 'count', goal: null, better: 'more' } as const
  return [
    { name: 'enrolled', value: photos.enrolled.length, ...count },
    { name: 'mated-probes', value: photos.mated.length, ...count },
    { name: 'non-mated-probes', value: photos.nonMated.length, ...count },
    {
      name: 'verification-accuracy',
      value: verificationAccuracy(photos, found),
      unit: 'share',
      goal: null,
      better: 'more',
    },
    { name: 'rank1', value: rank1, unit: 'share', goal: 0.979, better: 'more' },
    { name: 'fnir-at-fpir-0.1', value: fnirAt(0.1), ...share, goal: 0.062 },
    { name: 'fnir-at-fpir-0.01', value: fnirAt(0.01), ...share, goal: 0.144 },
    { name: 'fnir-at-fpir-0.003', value: fnirAt(0.003), ...share, goal: 0.224 },
    { name: 'failure-to-enroll', value: failures / all.length, ...share, goal: 0 },
    { name: 'operating-point-rich-cheap', value: richCheap, ...point },
    { name: 'operating-point-cheap-cheap', value: pairsPoint(photos, found.cheap), ...point },
    { name: 'operating-point-rich-rich', value: pairsPoint(photos, found.rich), ...point },
    { name: 'descriptor-time', value: seconds / all.length, unit: 'seconds', goal: null, better: 'less' },
  ]
}

function printTable(rows: readonly Figure[]): void {
  console.log(`${'figure'.padEnd(30)}${'value'.padStart(10)}${'goal'.padStart(10)}  unit`)
  for (const { name, value, goal, unit } of rows) {
    const shown = unit === 'count' ? String(value) : value.toFixed(4)
    const aim = goal === null ? '' : goal.toFixed(4)
    console.log(`${name.padEnd(30)}${shown.padStart(10)}${aim.padStart(10)}  ${unit}`)
  }
}
