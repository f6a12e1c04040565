import { clusterSettings, pictureSettings, readConfig } from '@semblance/config'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  checkClusterSettings,
  largePictureBytes,
  maxPictureBytes,
  placeOfPicture,
  placeOfStaged,
} from './cluster-settings.ts'

const schema = z.object({ ...clusterSettings, ...pictureSettings }).superRefine(checkClusterSettings)
const SERVERS = {
  SEMBLANCE_REDIS_URL: 'redis://r',
  SEMBLANCE_MONGO_URL: 'mongodb://user:secret@m1,m2/?replicaSet=rs',
  SEMBLANCE_QDRANT_URL: 'http://q1:6333,http://q2:6333',
}

describe("a cluster's settings", () => {
  it('are complete with the addresses of the servers', () => {
    const config = readConfig(schema, SERVERS)
    expect(config.SEMBLANCE_QDRANT_URL).toEqual(['http://q1:6333', 'http://q2:6333'])
    expect(maxPictureBytes(config)).toBe(15_000_000)
  })

  it('tell where a picture is found', () => {
    const inMongo = readConfig(schema, { ...SERVERS, SEMBLANCE_NAME: 'faces' })
    expect(placeOfPicture(inMongo, 'some-id')).toBe('faces.pictures in MongoDB, _id some-id')
    expect(placeOfStaged(inMongo, 'some-id')).toBe('faces.stagedPictures in MongoDB, _id some-id')
    const bucket = { SEMBLANCE_PICTURES: 's3', SEMBLANCE_S3_BUCKET: 'photos', SEMBLANCE_S3_PREFIX: 'site/' }
    const inBucket = readConfig(schema, { ...SERVERS, ...bucket })
    expect(placeOfPicture(inBucket, 'some-id')).toBe('s3://photos/site/some-id')
    expect(placeOfStaged(inBucket, 'some-id')).toBe('s3://photos/site/staged/some-id')
  })

  it('tell every missing address at once', () => {
    expect(() => readConfig(schema, {})).toThrow(/REDIS_URL[\s\S]*MONGO_URL[\s\S]*QDRANT_URL/)
  })

  it.each([
    'my app',
    'a:b',
    '{a}',
    'a/b',
    'a.b',
    '$a',
    'a'.repeat(39),
  ])('refuse a name of the installation that some server would not take: %s', (SEMBLANCE_NAME) => {
    expect(() => readConfig(schema, { ...SERVERS, SEMBLANCE_NAME })).toThrow(/SEMBLANCE_NAME/)
  })

  it('need a bucket for pictures in S3, and no limit of documents then', () => {
    const env = { ...SERVERS, SEMBLANCE_PICTURES: 's3', SEMBLANCE_MAX_BODY_BYTES: '50MB' }
    expect(() => readConfig(schema, env)).toThrow(/SEMBLANCE_S3_BUCKET/)
    expect(maxPictureBytes(readConfig(schema, { ...env, SEMBLANCE_S3_BUCKET: 'faces' }))).toBe(50_000_000)
  })

  it('let large pictures wait where they fit', () => {
    const inMongo = readConfig(schema, SERVERS)
    expect(largePictureBytes(inMongo)).toEqual({ fromBytes: 4_000_000, toBytes: 15_000_000 })
    const inS3 = readConfig(schema, { ...SERVERS, SEMBLANCE_PICTURES: 's3', SEMBLANCE_S3_BUCKET: 'faces' })
    expect(largePictureBytes(inS3).toBytes).toBeGreaterThan(200_000_000)
  })

  it('refuse bodies whose pictures no document could hold', () => {
    expect(() => readConfig(schema, { ...SERVERS, SEMBLANCE_MAX_BODY_BYTES: '21MB' })).toThrow(
      /at most 20000000/,
    )
  })

  it('refuse writes that wait for more replicas than there are', () => {
    const env = { ...SERVERS, SEMBLANCE_QDRANT_WRITE_CONSISTENCY: '3' }
    expect(() => readConfig(schema, env)).toThrow(/WRITE_CONSISTENCY[\s\S]*at most 2/)
    expect(readConfig(schema, { ...env, SEMBLANCE_QDRANT_REPLICAS: '3' })).toMatchObject({
      SEMBLANCE_QDRANT_WRITE_CONSISTENCY: 3,
    })
  })

  it('never show a password', () => {
    const env = { ...SERVERS, SEMBLANCE_MONGO_URL: 'mongo://user:secret@m1' }
    expect(() => readConfig(schema, env)).toThrow(/^(?=[\s\S]*SEMBLANCE_MONGO_URL)(?![\s\S]*secret@)/)
  })
})
