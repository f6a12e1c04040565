export {
  openQdrantDescriptorIndex,
  type QdrantDescriptorIndex,
  type QdrantIndexConfig,
} from './qdrant-descriptor-index.ts'
