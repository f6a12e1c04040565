/** Keeps the `limit` smallest of many names without holding them all: a folder may have millions. */
export function smallestNames(limit: number) {
  let names: string[] = []
  return {
    add(name: string): void {
      names.push(name)
      // Sorting only every so often makes it cheap; 1024 keeps that so for small limits.
      if (names.length >= 2 * limit + 1024) names = names.sort().slice(0, limit)
    },
    /** Answers them in increasing order. */
    take(): readonly string[] {
      return names.sort().slice(0, limit)
    },
  }
}
