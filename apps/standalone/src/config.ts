import { availableParallelism } from 'node:os'
import {
  bytes,
  decimal,
  durationMs,
  host,
  integer,
  list,
  oneOf,
  port,
  secretList,
  text,
  url,
} from '@semblance/config'
import { z } from 'zod'

/** What standalone reads from the environment; none of it is needed. Documented in docs/operations.md. */
export const standaloneConfigSchema = z.object({
  SEMBLANCE_HOST: host().default('127.0.0.1'),
  SEMBLANCE_PORT: port().default(41101),
  SEMBLANCE_DATA: text().default('./data'),
  SEMBLANCE_MODELS: text().default('./models/.cache'),
  SEMBLANCE_PACK: text().default('builtin'),
  /** CPUs that this process may use, container limits included. */
  SEMBLANCE_THREADS: integer({ min: 1, max: 512 }).default(availableParallelism()),
  SEMBLANCE_PUBLIC_URL: url().optional(),
  SEMBLANCE_API_KEYS: secretList().optional(),
  SEMBLANCE_CORS_ORIGINS: list(url()).default([]),
  SEMBLANCE_SEARCH_DEADLINE_MS: durationMs({ min: 100 }).default(10_000),
  SEMBLANCE_ENROLL_DEADLINE_MS: durationMs({ min: 100 }).default(30_000),
  SEMBLANCE_QUEUE_LIMIT: integer({ min: 1, max: 100_000 }).default(256),
  SEMBLANCE_THRESHOLD: decimal({ min: 0, max: 2 }).default(1),
  SEMBLANCE_MAX_BODY_BYTES: bytes({ min: 1_000, max: 200_000_000 }).default(20_000_000),
  SEMBLANCE_MAX_PIXELS: integer({ min: 10_000, max: 500_000_000 }).default(50_000_000),
  SEMBLANCE_MAX_FACES: integer({ min: 1, max: 1_000 }).default(64),
  SEMBLANCE_LINK_HOSTS: list().default([]),
  SEMBLANCE_LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
})

export type StandaloneConfig = Readonly<z.output<typeof standaloneConfigSchema>>
