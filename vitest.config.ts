import { configDefaults, defineConfig } from 'vitest/config'

const sources = ['@semblance/source', 'node']

/**
 * The files of these folders run one after the other in the same process. Their tests change nothing that outlives them,
 * and to load the modules anew for each file took three times as long as the tests themselves.
 */
const TOGETHER = [
  'libs/core',
  'libs/api',
  'libs/jobs',
  'libs/import-sources',
  'libs/image-links',
  'libs/config',
  'apps/cli',
  'test/docs',
]

/**
 * Their tests measure how long something takes, which a third busy process would draw out. They run after all the others,
 * two files at a time.
 */
const TIMED = [
  'libs/queue-bullmq/src/**/*.test.ts',
  'libs/index-qdrant/src/{cluster,outages}.test.ts',
  'libs/store-mongo/src/exclusive/*.test.ts',
  'test/cluster/{faults,refusals}.test.ts',
  'test/e2e/{deadline-of-large-pictures,event-loop,heavy-pictures,slow-links}.test.ts',
]

export default defineConfig({
  resolve: { conditions: sources },
  ssr: { resolve: { conditions: sources } },
  test: {
    // Worker threads and child processes that tests start resolve workspaces to their sources, too.
    execArgv: ['--conditions=@semblance/source', '--no-memory-protection-keys'],
    // One more than the cores of the smallest machine we support: with two, a quarter of its time went by while both waited
    // for servers that they had started, stopped or killed.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A busy machine may take longer than the second that Vitest waits for what a test looks for again and again. Where the
    // second is what a test claims, the test says so.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: TOGETHER.map((folder) => `${folder}/**/*.test.ts`),
          exclude: [...configDefaults.exclude, '**/dist/**'],
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['libs/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...TOGETHER.map((folder) => `${folder}/**`), ...TIMED],
        },
      },
      {
        extends: true,
        test: { name: 'timed', include: TIMED, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
