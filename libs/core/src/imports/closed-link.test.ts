import { expect, it } from 'vitest'
import { settingThatOpens, whyLinkRefused } from './closed-link.ts'

it.each([
  ['https://10.0.0.1/a.jpg', 'address-not-allowed', 'SEMBLANCE_LINK_HOSTS'],
  ['FILE:///srv/a.jpg', 'unsupported-scheme', 'SEMBLANCE_LINK_ROOTS'],
  ['s3://faces/a.jpg', 'address-not-allowed', 'SEMBLANCE_LINK_S3_BUCKETS'],
  ['gs://faces/a.jpg', 'unsupported-scheme', 'SEMBLANCE_LINK_GS_BUCKETS'],
] as const)('names the setting that opens %s, refused as %s', (url, reason, setting) => {
  expect(settingThatOpens(url, reason)).toBe(`; ${setting} of the server opens it`)
})

it.each([
  ['https://faces.test/a.jpg', 'unsupported-scheme'],
  ['https://faces.test/a.jpg', 'bad-status'],
  ['ftp://faces.test/a.jpg', 'unsupported-scheme'],
  ['constructor:', 'unsupported-scheme'],
  ['', 'address-not-allowed'],
] as const)('names none for "%s", refused as %s, which no setting opens', (url, reason) => {
  expect(settingThatOpens(url, reason)).toBe('')
})

it('says why a link is refused in words where the reason alone does not say it', () => {
  const of = (reason: Parameters<typeof whyLinkRefused>[1]) =>
    whyLinkRefused('https://faces.test/a.jpg', reason)
  expect(of('bad-status')).toBe(
    'bad-status (its server said no: it is missing, forbidden, compressed, or no regular file)',
  )
  expect(of('too-large')).toBe('too-large')
  expect(of('address-not-allowed')).toBe('address-not-allowed; SEMBLANCE_LINK_HOSTS of the server opens it')
})
