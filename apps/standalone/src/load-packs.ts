import {
  type GalleryPorts,
  hasMoved,
  IndexByPack,
  type LoadedPack,
  LoadedPacks,
  loadIndex,
  type ObserveDamage,
  type PackId,
  type RecordStore,
} from '@semblance/core'
import { openExactDescriptorIndex } from '@semblance/store-local'
import type { OpeningPack, PackOpener } from './open-packs.ts'

export interface LoadPacksOptions {
  readonly opener: PackOpener
  readonly records: RecordStore
  /** Since when nobody else can write, by the monotonic clock: the folder is locked. */
  readonly aloneSince: number
  readonly threads: number
  readonly onDeferred: GalleryPorts['onDeferred']
  readonly onDamage: ObserveDamage
  readonly onThreadDeath: (cause: unknown) => void
  readonly onServing: (packId: PackId) => void
  /** This is told how much larger the process became with a second pack. */
  readonly onLoaded: (loaded: { readonly packId: PackId; readonly bytes: number }) => void
}

/** The packs that are being opened, once their networks are there and their indexes are filled; nobody writes meanwhile. */
export async function loadPacks(
  options: LoadPacksOptions,
  opening: readonly [OpeningPack, ...OpeningPack[]],
  resources: AsyncDisposableStack,
): Promise<{ readonly packs: LoadedPacks; readonly index: IndexByPack }> {
  const { opener, records, aloneSince, onDamage, onDeferred, onServing } = options
  const loaded: LoadedPack[] = []
  for (const pack of opening) resources.defer(() => pack.close())
  for (const pack of opening) {
    const index = await openIndex(options, pack)
    resources.defer(() => index.close())
    // The networks are loaded meanwhile.
    await loadIndex({ records, index, onDamage }, await scanOf(records, pack.packId))
    loaded.push(loadedOf(await pack.engine, { pack, index }))
  }
  const open = async (packId: PackId) => {
    const before = process.memoryUsage.rss()
    const pack = await opener.open(packId)
    const [engine, index] = [await pack.engine, await openIndex(options, pack)]
    options.onLoaded({ packId, bytes: Math.max(0, process.memoryUsage.rss() - before) })
    return loadedOf(engine, { pack, index })
  }
  const deps = { records, aloneSince, identify: opener.identify, open, onServing, onDeferred }
  const packs = new LoadedPacks(deps, loaded as [LoadedPack, ...LoadedPack[]])
  resources.defer(() => packs.close())
  return { packs, index: new IndexByPack(packs.indexes) }
}

function loadedOf(
  engine: LoadedPack['engine'],
  { pack, index }: { readonly pack: OpeningPack; readonly index: LoadedPack['index'] },
): LoadedPack {
  return {
    engine,
    index,
    close: async () => {
      await Promise.all([pack.close(), index.close()])
    },
  }
}

/** Whatever a gallery has that never moved to another pack is of its pack; what is not is damaged, and told of. */
async function scanOf(records: RecordStore, packId: PackId): Promise<{ readonly packId?: PackId }> {
  return hasMoved(await records.settings.readPacks()) ? { packId } : {}
}

function openIndex(
  { threads, onThreadDeath }: Pick<LoadPacksOptions, 'threads' | 'onThreadDeath'>,
  { packId, dimensions }: OpeningPack,
) {
  return openExactDescriptorIndex({ packId, dimensions, threads, onThreadDeath })
}
