import { expect, test } from 'vitest'
import { z } from 'zod'
import { linkOptionsOf } from './link-options.ts'
import { readConfig } from './read-config.ts'
import { linkSettings } from './setting-groups.ts'

const schema = z.object(linkSettings)

test('nothing but public http and https is open unless it is set', () => {
  const { allowedHosts, fileRoots, s3, gs } = linkOptionsOf(readConfig(schema, {}))
  expect([allowedHosts, fileRoots, s3.buckets, gs.buckets]).toEqual([[], [], [], []])
})

test('what is set reaches the links', () => {
  const settings = readConfig(schema, {
    SEMBLANCE_LINK_ROOTS: '/srv/photos, /mnt/more',
    SEMBLANCE_LINK_S3_BUCKETS: 'faces',
    SEMBLANCE_LINK_S3_ENDPOINT: 'http://minio:9000/',
    SEMBLANCE_LINK_S3_REGION: 'eu-central-1',
    SEMBLANCE_LINK_GS_BUCKETS: 'more_faces',
  })
  expect(linkOptionsOf(settings)).toEqual({
    allowedHosts: [],
    fileRoots: ['/srv/photos', '/mnt/more'],
    s3: { buckets: ['faces'], endpoint: 'http://minio:9000', region: 'eu-central-1' },
    gs: { buckets: ['more_faces'], endpoint: undefined },
  })
})

test.each([
  ['SEMBLANCE_LINK_ROOTS', 'photos'],
  ['SEMBLANCE_LINK_ROOTS', '/'],
  ['SEMBLANCE_LINK_ROOTS', '/srv/..'],
  ['SEMBLANCE_LINK_S3_BUCKETS', 's3://faces'],
  ['SEMBLANCE_LINK_S3_BUCKETS', '*'],
  ['SEMBLANCE_LINK_GS_BUCKETS', 'faces/folder'],
])('%s cannot be %s', (name, value) => {
  expect(() => readConfig(schema, { [name]: value })).toThrow(name)
})
