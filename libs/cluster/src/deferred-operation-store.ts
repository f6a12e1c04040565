import { type OperationStore, storeUnavailable } from '@semblance/core'
import { type DeferredPort, deferredPort } from './deferred-port.ts'

/** A store of operations that is not open yet: each of its ports is a `deferredPort`. */
export function deferredOperationStore(): DeferredPort<OperationStore> {
  const records = deferredPort<OperationStore['records']>(storeUnavailable)
  const targets = deferredPort<OperationStore['targets']>(storeUnavailable)
  const pairs = deferredPort<OperationStore['pairs']>(storeUnavailable)
  return {
    port: { records: records.port, targets: targets.port, pairs: pairs.port },
    arrive: (real) => {
      records.arrive(real.records)
      targets.arrive(real.targets)
      pairs.arrive(real.pairs)
    },
  }
}
