import type { Clock, ImageId, IndexEntry } from '@semblance/core'
import { openQdrantDescriptorIndex } from '@semblance/index-qdrant'
import { openMongoDatabase, openMongoRecordStore } from '@semblance/store-mongo'
import { fillRecords, type GalleryPlan } from './prefill-gallery.ts'

const BATCH = 256

/** Records and vectors of a cluster as enrolling would have left them, without inference. */
export async function prefillCluster(
  env: Readonly<Record<string, string>>,
  plan: Omit<GalleryPlan, 'dataFolder'>,
): Promise<void> {
  const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const { SEMBLANCE_MONGO_URL: url = '', SEMBLANCE_NAME: name = '', SEMBLANCE_QDRANT_URL = '' } = env
  const database = await openMongoDatabase({ url, databaseName: name, appName: 'bench' })
  const records = await openMongoRecordStore({ database })
  const { packId, dimensions } = plan
  const index = await openQdrantDescriptorIndex({
    urls: SEMBLANCE_QDRANT_URL.split(','),
    namePrefix: name,
    packId,
    dimensions,
    registry: records.generationsOf(packId),
    clock,
  })
  await fillRecords(records, plan)
  let after: ImageId | null = null
  for (;;) {
    const rows = await records.images.scanEnrolled({ after, limit: BATCH })
    const entries = rows.map(({ image, person }): IndexEntry => {
      const { id: personId, groups, name: called, externalId, rev } = person
      const payload = { personId, groups, name: called, externalId, rev }
      return { imageId: image.id, descriptor: image.descriptor, payload }
    })
    if (entries.length > 0) await index.upsert(entries)
    after = rows.at(-1)?.image.id ?? null
    if (rows.length < BATCH) break
  }
  await index.close()
  await records.close()
  await database.close()
}
