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

export default defineConfig({
  resolve: { conditions: sources },
  ssr: { resolve: { conditions: sources } },
  test: {
    // Worker threads and child processes that tests start resolve workspaces to their sources, too.
    execArgv: ['--conditions=@semblance/source', '--no-memory-protection-keys'],
    // Two cores are the smallest machine we support; suites that load networks would starve each other.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
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
          exclude: [...configDefaults.exclude, ...TOGETHER.map((folder) => `${folder}/**`)],
        },
      },
    ],
  },
})
