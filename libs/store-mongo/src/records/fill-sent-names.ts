import type { FillPass } from './fill-pass.ts'
import { namesOf } from './mongo-person-records.ts'

/**
 * Parts the name that is compared by from the name as it was sent, where an older version wrote only the latter. The
 * index has the old name too: as `dirty` records the reconciler brings it up to date.
 */
export const sentNamesPass: FillPass = {
  marker: 'sentNames',
  fields: ['name'],
  fill: ({ _id, name: sent }) => {
    // One that cannot be read is passed over by every reader, too.
    if (typeof sent !== 'string') return null
    const names = namesOf(sent)
    if (names.sentName === null) return null
    const update = { $set: { ...names, dirty: true }, $inc: { rev: 1 } }
    return { updateOne: { filter: { _id, name: sent }, update } }
  },
}
