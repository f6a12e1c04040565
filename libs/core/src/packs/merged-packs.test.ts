import { beforeEach, describe, expect, it } from 'vitest'
import { changeMembers } from '../groups/change-members.ts'
import { identify } from '../identification/identify.ts'
import { probeOf } from '../identification/probe.ts'
import type { GroupId, PackId, PersonId } from '../ids.ts'
import { mergePersons } from '../persons/merge-persons.ts'
import type { Damage } from '../ports/observe-damage.ts'
import { compareIndex } from '../reconciliation/compare-index.ts'
import { fakeDescriptor, makeGroup, makePerson, TEST_PACK } from '../testing/index.ts'
import type { NaiveDescriptorIndex } from '../testing/naive/naive-descriptor-index.ts'
import { NEXT_PACK, openPackInstallation, type PackInstallation } from '../testing/pack-installation.ts'
import { dropPack, switchPack } from './change-pack.ts'

type Process = Awaited<ReturnType<PackInstallation['restart']>>

let installation: PackInstallation
let process: Process
beforeEach(async () => {
  installation = await openPackInstallation({ blindTo: ['masked'] })
  process = await installation.restart()
})

const change = () => ({ gallery: process.gallery, operations: installation.operations, desk: process.packs })

async function move({ switches }: { readonly switches: boolean }): Promise<void> {
  const id = await installation.begin(process.packs, { switches, share: 0.1 })
  installation.start({ gallery: process.gallery, redescribing: process.redescribing })
  await installation.expectDone(id)
}

/** Whom the pack that serves finds in this group, by this name, in a photo of that face. */
async function find(identity: string, groupId: GroupId, name: string): Promise<readonly PersonId[]> {
  const { packId, calibration } = process.packs.serving
  const { values } = fakeDescriptor(identity, 7, 'rich')
  const probe = probeOf(calibration, 'richRich', {
    descriptor: { packId, values },
    quality: null,
    damage: null,
  })
  const field = { field: 'name', op: 'in', values: [name] } as const
  const query = { groupIds: [groupId], field, threshold: 1, limit: 9 }
  return (await identify(process.gallery, { probe, query })).map(({ person }) => person.id)
}

async function staleIn(packId: PackId): Promise<number> {
  const index = process.packs.indexes.of(packId) as NaiveDescriptorIndex
  const listVectors = async () => index.entries()
  const copy = { ...index, listVectors }
  const { records } = process.gallery
  return (await compareIndex({ records, copy, packId }, { repair: false })).stale
}

describe('persons who are merged while a gallery has two packs', () => {
  it.each([
    { when: 'before the other one comes to serve', switches: false },
    { when: 'when the other one serves', switches: true },
  ])('are found by the fields of the one who stays, there and back: $when', async ({ switches }) => {
    const ada = await makePerson(process.gallery, { name: 'Ada King' })
    const other = await makePerson(process.gallery, { name: 'Ada' })
    await process.enroll(ada.id, [ada.id])
    await process.enroll(other.id, [other.id], 1)
    await process.enroll(other.id, [other.id], 2)
    await move({ switches })
    const merged = await mergePersons(process.gallery, { id: ada.id, otherId: other.id })
    expect(merged).toMatchObject({ outcome: 'merged' })
    for (const packId of [TEST_PACK, NEXT_PACK]) expect(await staleIn(packId), packId).toBe(0)
    const groupId = await makeGroup(process.gallery)
    await changeMembers(process.gallery, { groupId, add: [ada.id], remove: [] })
    for (let turn = 0; turn < 3; turn++) {
      const { packId } = process.packs.serving
      for (const face of [ada.id, other.id])
        expect(await find(face, groupId, 'Ada King'), packId).toEqual([ada.id])
      await switchPack(change(), { accepts: 0 })
    }
  })

  it('leave a picture alone of which the pack that stayed makes nothing', async () => {
    const [ada, masked] = [await makePerson(process.gallery), await makePerson(process.gallery)]
    await process.enroll(ada.id, [ada.id])
    await process.enroll(masked.id, ['masked'])
    await process.enroll(masked.id, [masked.id])
    await move({ switches: true })
    expect(await dropPack(change())).toMatchObject({ outcome: 'changed' })
    await process.packs.tidied()
    const damage: Damage[] = []
    const gallery = { ...process.gallery, onDamage: (report: Damage) => void damage.push(report) }
    await mergePersons(gallery, { id: ada.id, otherId: masked.id })
    expect(damage).toEqual([])
    expect(await staleIn(NEXT_PACK)).toBe(0)
    expect(installation.indexed(NEXT_PACK)).toHaveLength(2)
  })
})
