export { ConfigError, type ConfigProblem, type ConfigWarning, warningLine } from './config-error.ts'
export { type EngineSettings, engineOptionsOf } from './engine-options.ts'
export {
  boolean,
  bytes,
  decimal,
  durationMs,
  type Field,
  field,
  host,
  integer,
  list,
  oneOf,
  port,
  type Range,
  text,
  url,
} from './fields.ts'
export type { Environment } from './gather-values.ts'
export { type LinkSettings, linkOptionsOf } from './link-options.ts'
export { type ReadConfigOptions, readConfig } from './read-config.ts'
export { secretList, secretText, secretUrl } from './secret-fields.ts'
export {
  apiSettings,
  clusterSettings,
  clusterVariables,
  engineSettings,
  importSettings,
  keepingSettings,
  linkSettings,
  logSettings,
  opsSettings,
  packSettings,
  pictureSettings,
  workerSettings,
} from './setting-groups.ts'
export { shownConfig } from './shown-config.ts'
