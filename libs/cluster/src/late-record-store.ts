import { type RecordStore, storeUnavailable } from '@semblance/core'
import { type LatePort, latePort } from './late-port.ts'

/** A record store that is not open yet: each of its ports is a `latePort`. */
export function lateRecordStore(): LatePort<RecordStore> {
  const whole = latePort<RecordStore>(storeUnavailable)
  const persons = latePort<RecordStore['persons']>(storeUnavailable)
  const images = latePort<RecordStore['images']>(storeUnavailable)
  const groups = latePort<RecordStore['groups']>(storeUnavailable)
  const settings = latePort<RecordStore['settings']>(storeUnavailable)
  const overdue = latePort<RecordStore['overdue']>(storeUnavailable)
  return {
    port: {
      persons: persons.port,
      images: images.port,
      groups: groups.port,
      settings: settings.port,
      overdue: overdue.port,
      countEnrolled: (waiting) => whole.port.countEnrolled(waiting),
      check: (waiting) => whole.port.check(waiting),
      close: () => whole.port.close(),
    },
    arrive: (real) => {
      persons.arrive(real.persons)
      images.arrive(real.images)
      groups.arrive(real.groups)
      settings.arrive(real.settings)
      overdue.arrive(real.overdue)
      whole.arrive(real)
    },
  }
}
