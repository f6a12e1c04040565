import { z } from 'zod'

const positive = z.number().positive()

/**
 * What is not measured here. The prices are round numbers to reckon with and nobody's offer: put in what you pay, with
 * `--assumptions FILE`, whose values replace these.
 */
export const assumptionsSchema = z
  .strictObject({
    /** For one core, an hour. */
    vcpuHour: positive.default(0.04),
    /** For a GB of memory, a month. */
    memoryGbMonth: positive.default(3),
    /** For a GB of disk beside Qdrant, a month. */
    diskGbMonth: positive.default(0.1),
    /** The goal, ms. */
    p95Ms: positive.default(300),
    /** No part is planned to be busy for more of its time than this, so that one that is lost can be borne. */
    mostBusy: z.number().gt(0).lte(1).default(0.7),
    /** Cores of your machines, against those that measured: 2 does everything in half the time. */
    speed: positive.default(1),
    /** Inference threads of a worker, and its cores. */
    workerThreads: z.int().positive().default(2),
    /** Memory of a worker of so many threads, GB. */
    workerMemoryGb: positive.default(1),
    gatewayCores: positive.default(1),
    gatewayMemoryGb: positive.default(0.5),
    nodeCores: positive.default(4),
    /** Of a Qdrant node; a fifth of it is kept free for building graphs. */
    nodeMemoryGb: positive.default(32),
    /** Copies of each shard. */
    replicas: z.int().positive().default(2),
    /** Faces in one shard at most: its graph is built anew in one piece. */
    mostFacesPerShard: positive.default(5_000_000),
    quantization: z.enum(['none', 'int8']).default('none'),
    /** From one machine to another and back, for all steps of a search together, ms. */
    networkMs: positive.default(3),
    /** Time of a core of MongoDB for one search: its stand-in was measured, and tells nothing of it. */
    mongoCpuMs: positive.default(1),
    mongoDelayMs: positive.default(2),
    /** From the decision to a worker that takes jobs, ms. */
    podStartMs: positive.default(15_000),
  })
  .readonly()

export type Assumptions = z.infer<typeof assumptionsSchema>
