export { describeQdrant } from './describe-qdrant.ts'
export { type LayoutDifference, layoutDifferences, layoutOn } from './layout-differences.ts'
export {
  openQdrantDescriptorIndex,
  type QdrantDescriptorIndex,
  type QdrantIndexConfig,
} from './qdrant-descriptor-index.ts'
export type { ObservedRecall, RecallObserver, RecallShadowOptions } from './recall-shadow.ts'
