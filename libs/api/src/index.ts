export type { ApiConfig, ApiDeps, ApiLogger, ApiMetrics, ObservedRequest } from './api-deps.ts'
export { createSourceReader } from './imports/source-reader.ts'
export {
  type ApiSettings,
  apiConfigOf,
  apiKeysOf,
  deadlinesOf,
  pictureLifetimeMs,
} from './server/api-config-of.ts'
export { exposureWarning, type ServedApi, serveApi } from './server/serve-api.ts'
