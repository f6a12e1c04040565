import { describeImageStoreContract } from '@semblance/testkit'
import { startS3StandIn } from '../testing/s3-stand-in.ts'
import { openS3ImageStore } from './open-s3-image-store.ts'

describeImageStoreContract('S3ImageStore', async () => {
  const server = await startS3StandIn({ pageSize: 4 })
  const store = await openS3ImageStore({
    endpoint: server.endpoint,
    bucket: 'pictures',
    prefix: 'enrolled/',
    region: 'eu-central-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
  })
  return {
    store,
    age: async (ms) => server.age(ms),
    close: async () => {
      await store.close()
      await server.close()
    },
  }
})
