export { describeQdrant } from './describe-qdrant.ts'
export {
  openQdrantDescriptorIndex,
  type QdrantDescriptorIndex,
  type QdrantIndexConfig,
} from './qdrant-descriptor-index.ts'
