export { type ConfigProblem, type ConfigWarning, warningLine } from './config-error.ts'
export { type EngineSettings, engineOptionsOf } from './engine-options.ts'
export type { Field, Range } from './fields.ts'
export type { Environment } from './gather-values.ts'
export { type LinkSettings, linkOptionsOf } from './link-options.ts'
export { type ReadConfigOptions, readConfig } from './read-config.ts'
export {
  apiSettings,
  clientSettings,
  clusterSettings,
  clusterVariables,
  dataSettings,
  engineSettings,
  gatewayStopSettings,
  importSettings,
  keepingSettings,
  linkSettings,
  logSettings,
  opsSettings,
  packSettings,
  pictureSettings,
  stopSettings,
  workerSettings,
} from './setting-groups.ts'
export { shownConfig } from './shown-config.ts'
