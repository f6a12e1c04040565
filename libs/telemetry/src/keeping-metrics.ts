import { Counter, Gauge, type Registry } from 'prom-client'

/** How whole the stored gallery is, as far as this process has seen. Nothing is shown before it was looked at. */
export interface KeepingMetrics {
  /** Pictures without a record, kept aside. */
  showPicturesSetAside(count: number): void
  /** Images that can be found whose picture is not there. */
  showPicturesMissing(count: number): void
  /** Records that cannot be read and are passed over, by kind (`person`, `image`, `group`, `reply`, `import`, `vector`). */
  showRecordsSetAside(counts: Readonly<Record<string, number>>): void
  /** A picture was asked for that is missing, or whose bytes are not those that were enrolled. */
  countDamagedPicture(): void
  /** Faults that SQLite found in its own file at the start; 0: sound. */
  showDatabaseFaults(count: number): void
}

export function createKeepingMetrics(registry: Registry): KeepingMetrics {
  const registers = [registry]
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) => {
    const made = new Gauge({ name: `semblance_${name}`, help, labelNames, registers })
    // One without labels begins at 0, which would read as sound before anybody has looked.
    if (labelNames.length === 0) made.remove()
    return made
  }
  const setAside = gauge('set_aside_pictures', 'Pictures without a record, kept aside.')
  const missing = gauge('missing_pictures', 'Images whose picture is not there.')
  const records = gauge('set_aside_records', 'Records that cannot be read and are passed over.', ['kind'])
  const faults = gauge('database_faults', 'Faults that SQLite found in its file at the start.')
  const damaged = new Counter({
    name: 'semblance_damaged_pictures_total',
    help: 'Reads of pictures that are missing or are not what was enrolled.',
    registers,
  })
  return {
    showPicturesSetAside: (count) => setAside.set(count),
    showPicturesMissing: (count) => missing.set(count),
    showRecordsSetAside: (counts) => {
      for (const [kind, count] of Object.entries(counts)) records.set({ kind }, count)
    },
    countDamagedPicture: () => damaged.inc(),
    showDatabaseFaults: (count) => faults.set(count),
  }
}
