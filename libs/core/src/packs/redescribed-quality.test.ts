import { describe, expect, it } from 'vitest'
import { identify } from '../identification/identify.ts'
import { probeOf } from '../identification/probe.ts'
import { searchEnrolled } from '../identification/search-enrolled.ts'
import { listPersonImages } from '../images/read-images.ts'
import { compareImages } from '../operations/compare-images.ts'
import type { FaceEngine } from '../ports/face-engine.ts'
import { GOOD_PARTS } from '../testing/fake-face-engine.ts'
import { fakeDescriptor, makePerson } from '../testing/index.ts'
import { openPackInstallation } from '../testing/pack-installation.ts'
import { dropPack, switchPack } from './change-pack.ts'

const FORMER = { value: 90, damage: 0, parts: GOOD_PARTS }
const NEXT = { value: 20, damage: 0.5, parts: GOOD_PARTS }
/** Of two faces of 20, and half damaged: so much further apart than the cosine says. */
const SHIFTS = {
  qualityShift: [
    { quality: 20, shift: 0.1 },
    { quality: 80, shift: 0 },
  ],
  damageShift: 0.1,
} as const
const ALL = { groupIds: [], field: null, threshold: 2, limit: 9 }

describe('the quality of an image that another pack has described', () => {
  it('is by the pack that serves, wherever it is told and compared, there, back and for good', async () => {
    const installation = await openPackInstallation({ qualities: [FORMER, NEXT] })
    const process = await installation.restart()
    const { gallery, packs } = process
    const [ada, bob] = [await makePerson(gallery), await makePerson(gallery)]
    await process.enroll(ada.id, ['ada'])
    await process.enroll(bob.id, ['ada'], 1)
    const change = { gallery, operations: installation.operations, desk: packs }

    const told = async () => {
      const request = { page: 1, size: 9 }
      const listed = await listPersonImages(gallery, { personId: ada.id, request })
      return listed?.items.map(({ quality, damage }) => [quality, damage])
    }
    const shifted = { ...packs.serving.calibration, ...SHIFTS }
    /** The distances of one face, whose own quality is bad, to the image: by a search, by its person, and among duplicates. */
    const distances = async (): Promise<readonly (number | undefined)[]> => {
      const engine: FaceEngine = { ...packs.serving, calibration: shifted }
      const { values } = fakeDescriptor('ada', 1, 'rich')
      const face = { descriptor: { packId: engine.packId, values }, quality: 20, damage: 0.5 }
      const probe = probeOf(shifted, 'richRich', face)
      const found = await identify(gallery, { probe, query: ALL })
      const deps = { gallery, engine, observe: () => {} }
      const enrolled = { kind: 'person', personId: bob.id } as const
      const alike = await searchEnrolled(deps, { ...ALL, enrolled, includeSelf: false })
      const request = { after: null, threshold: 2, groupIds: [] }
      const { pairs } = await compareImages(deps, request)
      return [
        found.find(({ person }) => person.id === ada.id)?.images[0].distance,
        alike.outcome === 'searched' ? alike.persons[0]?.images[0].distance : undefined,
        pairs[0]?.distance,
      ]
    }

    const before = await distances()
    expect(await told()).toEqual(Array(1).fill([90, 0]))
    const id = await installation.begin(packs, { switches: false })
    installation.start({ gallery, redescribing: process.redescribing })
    await installation.expectDone(id)
    expect(await told(), 'described, and not serving yet').toEqual(Array(1).fill([90, 0]))
    expect(await distances()).toEqual(before)

    await switchPack(change, { accepts: 0 })
    expect(await told()).toEqual(Array(1).fill([20, 0.5]))
    const after = await distances()
    for (const [at, distance] of after.entries()) expect(distance).toBeGreaterThan(before[at]! + 0.05)

    await switchPack(change, { accepts: 0 })
    expect(await told(), 'rolled back').toEqual(Array(1).fill([90, 0]))
    expect(await distances()).toEqual(before)

    await switchPack(change, { accepts: 0 })
    await dropPack(change)
    await packs.tidied()
    expect(await told(), 'for good').toEqual(Array(1).fill([20, 0.5]))
    expect(await distances()).toEqual(after)
  })
})
