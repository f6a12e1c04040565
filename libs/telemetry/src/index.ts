export type { Logger } from 'pino'
export { beginProgram, runUntil } from './begin-program.ts'
export { createLogger, type LoggerOptions } from './create-logger.ts'
export { createDamageLog, type ObservedDamage } from './damage-log.ts'
export {
  createDependencies,
  type Dependencies,
  type DependencyChecks,
  type MissingDependency,
} from './dependencies.ts'
export { drainTime } from './drain-time.ts'
export type { KeepingMetrics } from './keeping-metrics.ts'
export { type ListenAt, listen } from './listen.ts'
export {
  type Backlog,
  createMetrics,
  type Metrics,
  type MetricsOptions,
  type ObservedJob,
  type ObservedRequest,
  type QueueLoad,
  type QueueScaling,
} from './metrics.ts'
export { requireOpenFiles } from './open-files.ts'
export { type OpsServer, type OpsServerOptions, openOpsServer } from './ops-server.ts'
export type { Source } from './polled-source.ts'
export { type LostTrust, ProcessTrust, type ProcessTrustDeps } from './process-trust.ts'
export { runProcess } from './run-process.ts'
export { say } from './say.ts'
export { createSayWaiting } from './say-waiting.ts'
export { untilToldToStop } from './stop-signal.ts'
export { openTracing, type Tracing } from './tracing/open-tracing.ts'
