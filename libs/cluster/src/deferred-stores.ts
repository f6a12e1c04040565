import {
  type Exclusive,
  type IdempotencyStore,
  type ImageStore,
  type ImportStore,
  indexUnavailable,
  type OperationStore,
  picturesUnavailable,
  type RecordInspector,
  type RecordStore,
  storeUnavailable,
} from '@semblance/core'
import { deferredImportStore } from './deferred-import-store.ts'
import { deferredOperationStore } from './deferred-operation-store.ts'
import { type DeferredPort, deferredPort } from './deferred-port.ts'
import { deferredRecordStore } from './deferred-record-store.ts'
import type { IndexOfPacks } from './index-of-packs.ts'

/** Every port that a server of the cluster is behind. */
export interface StorePorts {
  readonly records: RecordStore
  readonly pictures: ImageStore
  readonly largeInFlight: ImageStore
  readonly staged: ImageStore
  readonly imports: ImportStore
  readonly operations: OperationStore
  readonly index: IndexOfPacks
  readonly idempotency: IdempotencyStore
  readonly exclusive: Exclusive
  readonly inspector: RecordInspector
}

/** Stores that are not open yet: each of their ports is a `deferredPort`. */
export function deferredStores(): DeferredPort<StorePorts> {
  const stores: { readonly [Name in keyof StorePorts]: DeferredPort<StorePorts[Name]> } = {
    records: deferredRecordStore(),
    pictures: deferredPort(picturesUnavailable),
    largeInFlight: deferredPort(picturesUnavailable),
    staged: deferredPort(picturesUnavailable),
    imports: deferredImportStore(),
    operations: deferredOperationStore(),
    index: deferredPort(indexUnavailable),
    idempotency: deferredPort(storeUnavailable),
    exclusive: deferredPort(storeUnavailable),
    inspector: deferredPort(storeUnavailable),
  }
  const names = Object.keys(stores) as (keyof StorePorts)[]
  const ports = Object.fromEntries(names.map((name) => [name, stores[name].port])) as unknown as StorePorts
  const arriveOne = <Name extends keyof StorePorts>(name: Name, real: StorePorts[Name]) =>
    stores[name].arrive(real)
  return {
    port: ports,
    arrive: (real) => {
      for (const name of names) arriveOne(name, real[name])
    },
  }
}
