export type { KnownWorker } from './cluster-packs.ts'
export {
  type ClusterSettings,
  checkClusterSettings,
  maxPictureBytes,
  placeOfPicture,
  placeOfStaged,
  storeSettings,
} from './cluster-settings.ts'
export { type ClusterStores, type ClusterStoresOptions, openClusterStores } from './cluster-stores.ts'
export type { DeferredPort } from './deferred-port.ts'
export type { IndexOfPacks } from './index-of-packs.ts'
export { KnownPacks, packsOf } from './known-packs.ts'
export { type PackSummary, readPackSummary, readStrangerRates } from './read-pack-summary.ts'
export { type AvailabilityWait, untilAvailable } from './until-available.ts'
