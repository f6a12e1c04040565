export type { BullmqWorker, WorkerLoad } from './consumer/bullmq-worker.ts'
export { LaneOrder } from './consumer/lane-order.ts'
export { type BullmqWorkerOptions, openBullmqWorker } from './consumer/open-bullmq-worker.ts'
export type { BullmqJobOutcome, BullmqJobReport } from './job-report.ts'
export { estimateWaitMs, freePlaces, type LaneScaling, type ScalingReport } from './lane-scaling.ts'
export type { BullmqJobQueue, LiveWorker } from './producer/bullmq-job-queue.ts'
export { type BullmqJobQueueOptions, openBullmqJobQueue } from './producer/open-bullmq-job-queue.ts'
export { describeRedis } from './redis/describe-redis.ts'
export type { LargePictures } from './redis/large-pictures.ts'
export { RedisLog } from './redis/redis-log.ts'
export {
  openRedisPicturesInFlight,
  type RedisPicturesInFlight,
  type RedisPicturesOptions,
} from './redis/redis-pictures-in-flight.ts'
