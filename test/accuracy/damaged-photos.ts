import { appendFile, readFile } from 'node:fs/promises'
import { type FaceEngine, type SignValues, signsOf } from '@semblance/core'
import type { LfwSet, Photo } from './lfw-set.ts'
import { MADE_DAMAGE } from './made-damage.ts'
import { mulberry } from './target-check.ts'

/** A photo as it is or made worse, and what was seen of its face. */
export interface SeenPhoto {
  readonly person: string
  /** `clean`, or of `MADE_DAMAGE`. */
  readonly kind: string
  /** 0 to 1; of a clean one 0. */
  readonly strength: number
  /** `gallery`: a clean photo that the person's others are compared with. */
  readonly role: 'gallery' | 'probe' | 'stranger'
  /** Null: no face was found. */
  readonly face: { readonly signs: SignValues; readonly descriptor: Float32Array } | null
}

export interface DamagePlan {
  /** People with several photos. */
  readonly several: number
  /** People with one: from the first number up to, not including, the second. */
  readonly single: readonly [number, number]
  /** Made worse: so many of each person with several photos, and of each other one. */
  readonly each: number
  readonly eachSingle: number
}

const CLEAN_PROBES = 3
const AT_A_TIME = 4

/**
 * Every photo of the plan through the engine, none of them twice: what is in the file already is read, and what is not is
 * added to it, a line of JSON for each.
 */
export async function seePhotos(
  engine: FaceEngine,
  { set, plan, file }: { readonly set: LfwSet; readonly plan: DamagePlan; readonly file: string },
): Promise<readonly SeenPhoto[]> {
  const seen = [...(await readSeenPhotos(file))]
  const waiting = orders(set, plan).slice(seen.length).values()
  let done = 0
  const run = async () => {
    for (const order of waiting) {
      const photo = await see(engine, order)
      seen.push(photo)
      await appendFile(file, `${lineOf(photo)}\n`)
      if (++done % 500 === 0) console.error(`${done} photos`)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, run))
  return seen
}

/** None if there is no such file. */
export async function readSeenPhotos(file: string): Promise<readonly SeenPhoto[]> {
  const known = await readFile(file, 'utf8').catch(() => '')
  return known.split('\n').flatMap((line) => (line === '' ? [] : [photoOfLine(line)]))
}

interface Order extends Omit<SeenPhoto, 'face'> {
  readonly path: string
}

function orders(set: LfwSet, plan: DamagePlan): readonly Order[] {
  const random = mulberry(7)
  const kinds = Object.keys(MADE_DAMAGE)
  const clean = ({ person, path }: Photo, role: Order['role']): Order => ({
    person,
    path,
    role,
    kind: 'clean',
    strength: 0,
  })
  const worse = (photo: Photo, at: number, role: Order['role']): Order => ({
    ...clean(photo, role),
    kind: kinds[at % kinds.length] ?? '',
    strength: random(),
  })
  const mates = Map.groupBy(set.mated, ({ person }) => person)
  const several = set.enrolled.slice(0, plan.several).flatMap((photo, index) => {
    const probes = mates.get(photo.person) ?? []
    const [first] = probes
    if (first === undefined) return []
    return [
      clean(photo, 'gallery'),
      ...probes.slice(0, CLEAN_PROBES).map((probe) => clean(probe, 'probe')),
      ...Array.from({ length: plan.each }, (_, at) => worse(first, index * plan.each + at, 'probe')),
    ]
  })
  const single = set.nonMated
    .slice(...plan.single)
    .flatMap((photo, index) => [
      clean(photo, 'stranger'),
      ...Array.from({ length: plan.eachSingle }, (_, at) =>
        worse(photo, index * plan.eachSingle + at, 'stranger'),
      ),
    ])
  return [...several, ...single]
}

async function see(engine: FaceEngine, { path, ...order }: Order): Promise<SeenPhoto> {
  const photo = await readFile(path)
  const bytes = (await MADE_DAMAGE[order.kind]?.(photo, order.strength)) ?? photo
  const request = { faces: 'central', effort: 'cheap', crop: null } as const
  const report = await engine.findFaces(bytes, request, { lane: 'bulk' })
  if (report.outcome !== 'faces') return { ...order, face: null }
  const [face] = report.faces
  const signs = signsOf(face)
  return { ...order, face: signs === null ? null : { signs, descriptor: face.descriptor.values } }
}

function lineOf({ face, ...photo }: SeenPhoto): string {
  if (face === null) return JSON.stringify({ ...photo, face })
  const { signs, descriptor } = face
  const { buffer, byteOffset, byteLength } = descriptor
  const text = Buffer.from(buffer, byteOffset, byteLength).toString('base64')
  return JSON.stringify({ ...photo, face: { signs, descriptor: text } })
}

function photoOfLine(line: string): SeenPhoto {
  const { face, ...photo } = JSON.parse(line)
  if (face === null) return { ...photo, face }
  const bytes = Uint8Array.from(Buffer.from(face.descriptor, 'base64'))
  return { ...photo, face: { signs: face.signs, descriptor: new Float32Array(bytes.buffer) } }
}
