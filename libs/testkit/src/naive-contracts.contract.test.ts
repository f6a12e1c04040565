import {
  aClock,
  createNaiveDescriptorIndex,
  createNaiveExclusive,
  createNaiveGenerationRegistry,
  createNaiveIdempotencyStore,
  createNaiveImageStore,
  createNaiveImportStore,
  createNaiveOperationStore,
  createNaiveRecordStore,
  type NaiveImports,
  type NaiveOperations,
  NaiveTables,
  openNaiveRebuildableIndex,
} from '@semblance/core/testing'
import { describeDescriptorIndexContract } from './descriptor-index-contract.ts'
import { describeExclusiveContract } from './exclusive-contract.ts'
import { describeIdempotencyStoreContract } from './idempotency-store-contract.ts'
import { describeImageStoreContract } from './image-store-contract.ts'
import { describeImportStoreContract } from './import-store/import-store-contract.ts'
import { describeOperationStoreContract } from './operation-store-contract.ts'
import { describeRecordStoreContract } from './record-store/record-store-contract.ts'

describeRecordStoreContract('NaiveRecordStore', async () => {
  const clock = aClock()
  const tables = new NaiveTables()
  const store = createNaiveRecordStore(clock, tables)
  return {
    store,
    another: async () => createNaiveRecordStore(clock, tables),
    age: async (ms) => clock.advance(ms),
    close: () => store.close(),
  }
})

describeImageStoreContract('NaiveImageStore', async () => {
  const clock = aClock()
  const store = createNaiveImageStore(clock)
  return { store, age: async (ms) => clock.advance(ms), close: () => store.close() }
})

describeExclusiveContract('NaiveExclusive', async () => ({
  exclusive: createNaiveExclusive(),
  close: async () => {},
}))

describeDescriptorIndexContract('NaiveDescriptorIndex', async (setup) => createNaiveDescriptorIndex(setup))

describeDescriptorIndexContract('NaiveRebuildableIndex', (setup) =>
  openNaiveRebuildableIndex({
    ...setup,
    generations: { registry: createNaiveGenerationRegistry(), copies: new Map() },
  }),
)

describeIdempotencyStoreContract('NaiveIdempotencyStore', async () => {
  const clock = aClock()
  const store = createNaiveIdempotencyStore(clock)
  return {
    store,
    another: async () => createNaiveIdempotencyStore(clock, store.claims),
    age: async (ms) => clock.advance(ms),
    close: async () => {},
  }
})

describeImportStoreContract('NaiveImportStore', async () => {
  const clock = aClock()
  const imports: NaiveImports = new Map()
  return {
    store: createNaiveImportStore(clock, imports),
    another: async () => createNaiveImportStore(clock, imports),
    age: async (ms) => clock.advance(ms),
    close: async () => {},
  }
})

describeOperationStoreContract('NaiveOperationStore', async () => {
  const operations: NaiveOperations = new Map()
  return {
    store: createNaiveOperationStore(operations),
    another: async () => createNaiveOperationStore(operations),
    close: async () => {},
  }
})
