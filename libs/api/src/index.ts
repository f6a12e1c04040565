export type { ApiConfig, ApiDeps, ApiLogger, ApiMetrics, ObservedRequest } from './api-deps.ts'
export { createApi } from './create-api.ts'
export {
  type ApiSettings,
  apiConfigOf,
  isLoopback,
  pictureLifetimeMs,
  reachableUrl,
} from './server/api-config-of.ts'
export { type ApiServer, createApiServer } from './server/api-server.ts'
