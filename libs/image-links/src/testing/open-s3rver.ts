import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { closers } from './link-rig.ts'

interface S3rver {
  run(): Promise<{ readonly port: number }>
  close(): Promise<void>
}

// Written without types of its own.
const S3rver = createRequire(import.meta.url)('s3rver') as new (options: object) => S3rver

export interface StoredObject {
  readonly bucket: string
  readonly key: string
  readonly bytes: Uint8Array
  readonly encoding?: string
}

/** The only key that s3rver knows. */
export const S3RVER_KEYS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' } as const

/** An S3 server that others wrote, on a free port over a temporary folder, holding these objects. */
export async function openS3rver(objects: readonly StoredObject[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'semblance-links-s3-'))
  const server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory })
  const { port } = await server.run()
  closers.push(async () => {
    await server.close()
    await rm(directory, { recursive: true, force: true })
  })
  const endpoint = `http://127.0.0.1:${port}`
  const client = new S3Client({ endpoint, region: 'x', forcePathStyle: true, credentials: S3RVER_KEYS })
  for (const bucket of new Set(objects.map((object) => object.bucket)))
    await client.send(new CreateBucketCommand({ Bucket: bucket }))
  for (const { bucket, key, bytes, encoding } of objects) {
    const object = { Bucket: bucket, Key: key, Body: bytes, ContentLength: bytes.length }
    await client.send(new PutObjectCommand({ ...object, ...(encoding && { ContentEncoding: encoding }) }))
  }
  client.destroy()
  return endpoint
}
