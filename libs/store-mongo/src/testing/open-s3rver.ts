import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface S3rver {
  run(): Promise<{ readonly port: number }>
  close(): Promise<void>
}

// Written without types of its own.
const S3rver = createRequire(import.meta.url)('s3rver') as new (options: object) => S3rver

/**
 * An S3 server that others wrote, with one bucket, on a free port over a temporary folder. It knows the access key
 * `S3RVER` only, but checks no signature of version 4, and its puts are not atomic.
 */
export async function openS3rver(
  bucket: string,
): Promise<{ readonly endpoint: string; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'semblance-s3-'))
  const buckets = [{ name: bucket, configs: [] }]
  const server = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory,
    configureBuckets: buckets,
  })
  const { port } = await server.run()
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: async () => {
      await server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
