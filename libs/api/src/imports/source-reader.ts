import type {
  Clock,
  ImportId,
  ImportSourceReader,
  LinkStreams,
  ObjectListing,
  SourcePlace,
  SourcePortion,
  Waiting,
} from '@semblance/core'
import { type Layout, readNamePattern } from '@semblance/import-sources'
import { LinkedFile } from './linked-file.ts'
import { isPrefix, readPrefix } from './read-prefix.ts'

export interface SourceReaderDeps {
  readonly listing: ObjectListing
  readonly streams: LinkStreams
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  /** Bytes of one picture of an archive, and of a zip, which lies in a temporary file while it is read. */
  readonly bounds: { readonly pictureBytes?: number | undefined; readonly spoolBytes: number }
  /** Whoever waits for rows of a file is told after so long that none has come yet; 10,000 by default. */
  readonly patienceMs?: number
}

/** Files open at once; each holds a portion, and a zip a temporary file. */
const MOST_OPEN = 4
/** A file that nobody has read on for so long is let go of; whoever goes on opens it again. */
const IDLE_MS = 120_000

/**
 * Reads the sources of imports: prefixes of buckets, and manifests and archives behind links. `close` also closes
 * `listing` and `streams`, which nobody else uses.
 */
export function createSourceReader(deps: SourceReaderDeps): ImportSourceReader & { close(): Promise<void> } {
  const { listing, streams, clock, bounds, patienceMs = 10_000 } = deps
  const { spoolBytes, pictureBytes } = bounds
  const files = new LinkedFiles((place, layout) => {
    const own = pictureBytes === undefined ? { spoolBytes } : { spoolBytes, pictureBytes }
    return new LinkedFile(place, { streams, clock, layout, bounds: own, patienceMs })
  })
  return {
    read: async (place, waiting = {}) => {
      const layout = layoutOf(place.pattern)
      if (layout === null) return { outcome: 'refused', why: 'its pattern cannot be read', isPassing: false }
      if (!isPrefix(place.url)) return files.read(place, layout, waiting)
      const pathLayout = layout.by === 'pattern' ? layout : ({ by: 'folders' } as const)
      return readPrefix({ listing, clock }, { ...place, layout: pathLayout }, waiting)
    },
    letGo: (id) => files.letGo(id),
    close: async () => {
      files.close()
      await Promise.all([listing.close(), streams.close()])
    },
  }
}

function layoutOf(pattern: string | null): Extract<Layout, { by: 'auto' | 'pattern' }> | null {
  if (pattern === null) return { by: 'auto' }
  const read = readNamePattern(pattern)
  return 'problem' in read ? null : { by: 'pattern', pattern: read.pattern }
}

const OTHERS_FIRST = {
  outcome: 'refused',
  why: 'files of other imports are read first',
  isPassing: true,
} as const satisfies SourcePortion

/** The files that are open, one of an import. */
class LinkedFiles {
  readonly #make: (place: SourcePlace, layout: Layout) => LinkedFile
  readonly #open = new Map<ImportId, { readonly file: LinkedFile; readonly idle: NodeJS.Timeout }>()

  constructor(make: (place: SourcePlace, layout: Layout) => LinkedFile) {
    this.#make = make
  }

  async read(place: SourcePlace, layout: Layout, waiting: Waiting): Promise<SourcePortion> {
    const { id } = place
    if (this.#open.get(id)?.file.standsAt(place) === false) this.#drop(id)
    const opened = this.#open.get(id)
    if (opened === undefined && !this.#makeRoom()) return OTHERS_FIRST
    const file = opened?.file ?? this.#make(place, layout)
    clearTimeout(opened?.idle)
    const idle = setTimeout(() => this.#drop(id), IDLE_MS).unref()
    this.#open.set(id, { file, idle })
    const portion = await file.read(place, waiting).catch((fault: unknown) => {
      if (waiting.signal?.aborted === true) throw fault
      if (this.#open.get(id)?.file !== file) return OTHERS_FIRST
      this.#drop(id)
      throw fault
    })
    const isOver = portion.outcome === 'refused' || portion.isEnd
    if (isOver && this.#open.get(id)?.file === file) this.#drop(id)
    return portion
  }

  letGo(id: ImportId): void {
    this.#drop(id)
  }

  /** A file from which nothing comes gives its place to one that waits; it is opened again in its turn. */
  #makeRoom(): boolean {
    if (this.#open.size < MOST_OPEN) return true
    const silent = [...this.#open].find(([, { file }]) => file.isSilent)
    if (silent !== undefined) this.#drop(silent[0])
    return silent !== undefined
  }

  close(): void {
    for (const id of [...this.#open.keys()]) this.#drop(id)
  }

  #drop(id: ImportId): void {
    const opened = this.#open.get(id)
    clearTimeout(opened?.idle)
    opened?.file.close()
    this.#open.delete(id)
  }
}
