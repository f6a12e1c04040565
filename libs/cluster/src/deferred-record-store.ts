import { type RecordStore, storeUnavailable } from '@semblance/core'
import { type DeferredPort, deferredPort } from './deferred-port.ts'

/** A record store that is not open yet: each of its ports is a `deferredPort`. */
export function deferredRecordStore(): DeferredPort<RecordStore> {
  const whole = deferredPort<RecordStore>(storeUnavailable)
  const persons = deferredPort<RecordStore['persons']>(storeUnavailable)
  const images = deferredPort<RecordStore['images']>(storeUnavailable)
  const descriptors = deferredPort<RecordStore['descriptors']>(storeUnavailable)
  const groups = deferredPort<RecordStore['groups']>(storeUnavailable)
  const feedback = deferredPort<RecordStore['feedback']>(storeUnavailable)
  const settings = deferredPort<RecordStore['settings']>(storeUnavailable)
  const overdue = deferredPort<RecordStore['overdue']>(storeUnavailable)
  return {
    port: {
      persons: persons.port,
      images: images.port,
      descriptors: descriptors.port,
      groups: groups.port,
      feedback: feedback.port,
      settings: settings.port,
      overdue: overdue.port,
      countEnrolled: (waiting) => whole.port.countEnrolled(waiting),
      check: (waiting) => whole.port.check(waiting),
      close: () => whole.port.close(),
    },
    arrive: (real) => {
      persons.arrive(real.persons)
      images.arrive(real.images)
      descriptors.arrive(real.descriptors)
      groups.arrive(real.groups)
      feedback.arrive(real.feedback)
      settings.arrive(real.settings)
      overdue.arrive(real.overdue)
      whole.arrive(real)
    },
  }
}
