import type { IndexGenerationRegistry, IndexGenerations } from '../../ports/index-generations.ts'

/** One list in memory. */
export function createNaiveGenerationRegistry(): IndexGenerationRegistry {
  let list: IndexGenerations = { rev: 0, serving: null, others: [] }
  return {
    readGenerations: async (waiting) => {
      waiting?.signal?.throwIfAborted()
      return list
    },
    changeGenerations: async (next, waiting) => {
      waiting?.signal?.throwIfAborted()
      if (next.rev !== list.rev + 1) return false
      list = next
      return true
    },
  }
}
