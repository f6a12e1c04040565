import fc from 'fast-check'
import { describe, it } from 'vitest'
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
  sizeOf,
  takeTurns,
} from '../testing/index.ts'
import { aWorld, type WorldAct } from '../testing/small-world.ts'

type Act = WorldAct

const ACTS: readonly Act[] = [
  'addImage',
  'deleteImage',
  'deleteNewImage',
  'deletePerson',
  'mergeIntoTwin',
  'mergeTwin',
  'joinTwin',
  'deleteTwin',
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
    [
      'merges',
      [
        'mergeIntoTwin',
        'mergeTwin',
        'joinTwin',
        'deleteTwin',
        'addImage',
        'rename',
        'deletePerson',
        'reconcile',
      ],
    ],
    ['newcomers', ['identifyOrCreate', 'identifyOrCreateToo', 'deleteNewcomer', 'deleteGroup', 'reconcile']],
    ['one picture', ['addImage', 'rename', 'deleteNewImage', 'deletePerson', 'reconcile']],
    [
      'groups',
      ['deleteGroup', 'join', 'rename', 'createPerson', 'deleteDefault', 'needDefault', 'reconcile'],
    ],
  ] as const)(
    'all of it is whole, and mended in the end: %s',
    async (_, acts) => {
      const property = fc.asyncProperty(fc.scheduler(), processes(acts), clash)
      await fc.assert(property, { numRuns: sizeOf({ ci: 600, slow: 5000 }) })
    },
    sizeOf({ ci: 300_000, slow: 1_200_000 }),
  )
})
