import {
  crashAt,
  createStealableExclusive,
  expectForgotten,
  expectNothingHalfWritten,
  expectSettled,
  openTestGallery,
  ProcessDied,
  reconcileUntilSettled,
  shownPersons,
  type TestGallery,
  takeTurns,
} from '@semblance/testkit'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import type { Gallery } from '../gallery.ts'
import { changeMembers } from '../groups/change-members.ts'
import { ensureDefaultGroup } from '../groups/default-group.ts'
import { deleteGroup } from '../groups/delete-group.ts'
import { identifyOrCreate } from '../identification/identify-or-create.ts'
import { addImage } from '../images/add-image.ts'
import { deleteImage } from '../images/delete-image.ts'
import { createPerson } from '../persons/create-person.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { updatePerson } from '../persons/update-person.ts'
import { aCandidacy, aDraft, anEnrollment, enroll, makeGroup, makePerson } from '../testing/gallery-acts.ts'
import { reconcile } from './reconcile.ts'

/** One small world that everybody fights over. */
async function aWorld(gallery: TestGallery) {
  const groups = [await makeGroup(gallery), await makeGroup(gallery)] as const
  const { id } = await makePerson(gallery, { groups: [groups[0]] })
  const image = await enroll(gallery, id, { variation: 1 })
  const enrollment = anEnrollment(gallery, id, { variation: 2 })
  const draft = aDraft(gallery, { groups: [...groups] })
  const newcomer = aCandidacy(gallery, { identity: 'stranger', groupIds: [groups[1]] })
  const rival = { ...newcomer, newcomer: aCandidacy(gallery, { identity: 'stranger' }).newcomer }
  const acts = {
    addImage: (from: Gallery) => addImage(from, enrollment),
    deleteImage: (from: Gallery) => deleteImage(from, { personId: id, imageId: image.id }),
    deleteNewImage: (from: Gallery) => deleteImage(from, { personId: id, imageId: enrollment.draft.id }),
    deletePerson: (from: Gallery) => deletePerson(from, id),
    rename: (from: Gallery) => updatePerson(from, { id, name: 'Grace', groups: [groups[1]] }),
    moveGroups: (from: Gallery) => updatePerson(from, { id, externalId: 'x', groups: [groups[0]] }),
    join: (from: Gallery) => changeMembers(from, { groupId: groups[1], add: [id], remove: [] }),
    leave: (from: Gallery) => changeMembers(from, { groupId: groups[0], add: [], remove: [id] }),
    deleteGroup: (from: Gallery) => deleteGroup(from, groups[1]),
    createPerson: (from: Gallery) => createPerson(from, draft),
    deleteDefault: async (from: Gallery) => deleteGroup(from, await ensureDefaultGroup(from)),
    needDefault: (from: Gallery) => ensureDefaultGroup(from),
    identifyOrCreate: (from: Gallery) => identifyOrCreate(from, newcomer),
    identifyOrCreateToo: (from: Gallery) => identifyOrCreate(from, rival),
    deleteNewcomer: (from: Gallery) => deletePerson(from, newcomer.newcomer.personId),
    // As if everything half done were old enough already: the most impatient reconciler there can be.
    reconcile: (from: Gallery) => reconcile(from, { waitsForOthers: false }),
  }
  return { acts, newcomers: [newcomer.newcomer.personId, rival.newcomer.personId] }
}

type Act = keyof Awaited<ReturnType<typeof aWorld>>['acts']

const ACTS: readonly Act[] = [
  'addImage',
  'deleteImage',
  'deleteNewImage',
  'deletePerson',
  'rename',
  'moveGroups',
  'join',
  'leave',
  'deleteGroup',
  'createPerson',
  'deleteDefault',
  'needDefault',
  'identifyOrCreate',
  'identifyOrCreateToo',
  'deleteNewcomer',
  'reconcile',
]

interface Process {
  readonly act: Act
  /** The step after which it dies; most reach their end before. */
  readonly diesAt: number
}

const processes = (acts: readonly Act[]) =>
  fc.array(
    fc.record<Process>({ act: fc.constantFrom(...acts), diesAt: fc.oneof(fc.constant(1000), fc.nat(24)) }),
    { minLength: 2, maxLength: 5 },
  )

async function clash(scheduler: fc.Scheduler, cast: readonly Process[]): Promise<void> {
  const gallery = openTestGallery({ exclusive: createStealableExclusive() })
  const { acts, newcomers } = await aWorld(gallery)
  let hasDeath = false
  const run = async ({ act, diesAt }: Process) => {
    const mortal = crashAt(gallery, { n: diesAt, when: 'after' })
    const inTurn = takeTurns(mortal, ({ method }) =>
      scheduler.schedule(Promise.resolve(), `${act} ${method}`),
    )
    try {
      await acts[act](inTurn)
    } catch (fault) {
      if (!(fault instanceof ProcessDied)) throw fault
    }
    hasDeath ||= diesAt < 1000
  }
  await scheduler.waitFor(Promise.all(cast.map(run)))

  await expectNothingHalfWritten(gallery)
  await reconcileUntilSettled(gallery, true)
  await expectNothingHalfWritten(gallery)
  if (!hasDeath) await expectSettled(gallery)
  await expectForgotten(gallery)
  for (const { person, images } of await shownPersons(gallery)) {
    if (newcomers.includes(person.id) && images.length !== 1) throw new Error('a newcomer without picture')
  }
}

describe('whatever the order of the steps of several processes, and wherever some of them die', () => {
  it.each([
    ['persons and pictures', ACTS],
    ['newcomers', ['identifyOrCreate', 'identifyOrCreateToo', 'deleteNewcomer', 'deleteGroup', 'reconcile']],
    ['one picture', ['addImage', 'rename', 'deleteNewImage', 'deletePerson', 'reconcile']],
    [
      'groups',
      ['deleteGroup', 'join', 'rename', 'createPerson', 'deleteDefault', 'needDefault', 'reconcile'],
    ],
  ] as const)('all of it is whole, and mended in the end: %s', async (_, acts) => {
    const property = fc.asyncProperty(fc.scheduler(), processes(acts), clash)
    await fc.assert(property, { numRuns: 250 })
  })
})
