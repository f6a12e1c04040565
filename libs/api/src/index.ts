export type { ApiConfig, ApiDeps, ApiLogger, ApiMetrics, ObservedRequest } from './api-deps.ts'
export { isConsoleBuilt } from './console/console-files.ts'
export { createSourceReader } from './imports/source-reader.ts'
export {
  type ApiSettings,
  apiConfigOf,
  apiKeysOf,
  consoleFolderOf,
  deadlinesOf,
  pictureLifetimeMs,
} from './server/api-config-of.ts'
export { exposureWarning, type ServedApi, serveApi } from './server/serve-api.ts'
