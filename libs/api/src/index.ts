export {
  API_DEFAULTS,
  type ApiConfig,
  type ApiDeps,
  type ApiLogger,
  type ApiMetrics,
  type ObservedRequest,
} from './api-deps.ts'
export { createApi } from './create-api.ts'
export {
  type ApiSettings,
  apiConfigOf,
  isLoopback,
  pictureLifetimeMs,
  reachableUrl,
} from './server/api-config-of.ts'
export { type ApiServer, createApiServer } from './server/api-server.ts'
