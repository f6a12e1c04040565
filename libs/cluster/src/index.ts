export {
  type ClusterSettings,
  checkClusterSettings,
  maxPictureBytes,
  placeOfPicture,
} from './cluster-settings.ts'
export { type ClusterStores, type ClusterStoresOptions, openClusterStores } from './cluster-stores.ts'
export type { DeferredPort } from './deferred-port.ts'
export { type PackSummary, readPackSummary } from './read-pack-summary.ts'
export { type AvailabilityWait, untilAvailable } from './until-available.ts'
