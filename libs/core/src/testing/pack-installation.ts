import { expect } from 'vitest'
import type { FaceQuality } from '../detection/face-quality.ts'
import { FailedTries } from '../failed-tries.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, OperationId, PackId } from '../ids.ts'
import { enrollPicture } from '../images/enroll-picture.ts'
import { beginRedescribing } from '../operations/redescribe.ts'
import { type DescribeAgainDeps, describeAgain, describeBeside } from '../packs/describe-again.ts'
import { IndexByPack } from '../packs/index-by-pack.ts'
import { type LoadedPack, LoadedPacks } from '../packs/loaded-packs.ts'
import type { FaceEngine } from '../ports/face-engine.ts'
import { loadIndex } from '../reconciliation/load-index.ts'
import { TEST_PACK } from './builders/a-descriptor.ts'
import { newTestId } from './builders/new-test-id.ts'
import {
  type AnotherPack,
  aPicture,
  createFakeFaceEngine,
  FAKE_DIMENSIONS,
  ofAnotherPack,
  ofQuality,
} from './fake-face-engine.ts'
import { createNaiveDescriptorIndex, type NaiveDescriptorIndex } from './naive/naive-descriptor-index.ts'
import { openOperationInstallation } from './operation-installation.ts'

export const NEXT_PACK = 'next@1' as PackId

export type PackInstallation = Awaited<ReturnType<typeof openPackInstallation>>

/**
 * An installation in memory whose gallery may move to `NEXT_PACK`, of which `given` tells what it sees. `restart` is a process
 * that begins with what the stores hold.
 */
export async function openPackInstallation(
  given: Omit<AnotherPack, 'packId'> & {
    /** How the first pack, and the next one, judge every face; left out: they do not. */
    readonly qualities?: readonly [FaceQuality, FaceQuality]
  } = {},
) {
  const installation = openOperationInstallation()
  const { gallery: bare, operations } = installation
  const { records } = bare
  await records.settings.claimPack(TEST_PACK)
  const judging = (engine: FaceEngine, quality: FaceQuality | undefined) =>
    quality === undefined ? engine : ofQuality(engine, quality)
  const own = createFakeFaceEngine()
  const engines: Readonly<Record<string, FaceEngine>> = {
    [TEST_PACK]: judging(own, given.qualities?.[0]),
    [NEXT_PACK]: judging(ofAnotherPack(own, { packId: NEXT_PACK, ...given }), given.qualities?.[1]),
  }
  const indexes = new Map<PackId, NaiveDescriptorIndex>()
  const open = async (packId: PackId): Promise<LoadedPack> => {
    const index = createNaiveDescriptorIndex({ packId, dimensions: FAKE_DIMENSIONS })
    indexes.set(packId, index)
    return { engine: engines[packId]!, index, close: async () => void indexes.delete(packId) }
  }
  const restart = async () => {
    indexes.clear()
    const { serving, other } = (await records.settings.readPacks())!
    const loaded = [await open(serving), ...(other === null ? [] : [await open(other)])]
    for (const { engine, index } of loaded) await loadIndex({ ...bare, index }, { packId: engine.packId })
    const deps = {
      records,
      open,
      identify: async (name: string) => name as PackId,
      onDeferred: bare.onDeferred,
    }
    const packs = new LoadedPacks(deps, loaded as [LoadedPack, ...LoadedPack[]])
    const gallery = { ...bare, index: new IndexByPack(packs.indexes) }
    const deps2: DescribeAgainDeps = { gallery, engines: packs }
    const describe = (
      asked: { readonly imageId: ImageId; readonly packId: PackId },
      waiting: { signal: AbortSignal },
    ) => describeAgain(deps2, asked, { lane: 'bulk', ...waiting })
    const redescribing = { desk: packs, describe, failedTries: new FailedTries() }
    /** As a job of a server does it. */
    const enroll = async (
      personId: Parameters<typeof enrollPicture>[1]['personId'],
      identities: readonly string[],
      variation = 0,
    ) => {
      const job = { imageId: newTestId<ImageId>(), personId, picture: aPicture({ identities, variation }) }
      const work = { lane: 'enroll' } as const
      const beside: GalleryPorts['describeBeside'] = (image) => describeBeside(deps2, image, work)
      const enrolling = { gallery: { ...gallery, describeBeside: beside }, engine: packs.serving }
      const outcome = await enrollPicture(enrolling, job, work)
      if (outcome.outcome !== 'added') throw new Error(outcome.outcome)
      return job.imageId
    }
    return { packs, gallery, deps: deps2, redescribing, enroll }
  }
  const begin = async (
    packs: LoadedPacks,
    asked: { readonly share?: number; readonly switches?: boolean } = {},
  ): Promise<OperationId> => {
    const { share = 1, switches = true } = asked
    const id = newTestId<OperationId>()
    const deps = { gallery: bare, operations, desk: packs }
    const begun = await beginRedescribing(deps, { id, pack: NEXT_PACK, share, switches })
    if (begun.outcome !== 'begun') throw new Error(begun.outcome)
    return id
  }
  const indexed = (packId: PackId) => (indexes.get(packId)?.entries() ?? []).map(({ imageId }) => imageId)
  const expectDone = async (id: OperationId) => {
    await installation.untilEnded(id)
    const ended = await installation.find(id)
    expect(ended.state, ended.failure ?? '').toBe('done')
    if (ended.kind !== 'redescribe') throw new Error(ended.kind)
    return ended.parameters.found!
  }
  return { ...installation, bare, restart, begin, indexed, expectDone }
}
