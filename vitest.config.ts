import { defineConfig } from 'vitest/config'

const sources = ['@semblance/source', 'node']

export default defineConfig({
  resolve: { conditions: sources },
  ssr: { resolve: { conditions: sources } },
  test: {
    include: ['libs/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    // Worker threads and child processes that tests start resolve workspaces to their sources, too.
    execArgv: ['--conditions=@semblance/source', '--no-memory-protection-keys'],
    // Two cores are the smallest machine we support; suites that load networks would starve each other.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
