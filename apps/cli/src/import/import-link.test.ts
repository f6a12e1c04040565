import { expect, it } from 'vitest'
import { nameOfLink, refuseOtherLink, requireReadable } from './import-link.ts'

const made = (why: string, total: number) =>
  ({
    id: 'I',
    source: { url: 'https://a.example/x.tar', state: 'failed', why, rows: total },
    rows: { total },
  }) as Parameters<typeof requireReadable>[0]

it('does not send anybody back to an import with rows of wrong persons', () => {
  const late =
    'a manifest at the top of a tar must be its first file, and here others come before it; these ...'
  expect(() => requireReadable(made(late, 19))).toThrow(/imports cancel I, then .*imports delete I --persons/)
  expect(() => requireReadable(made(late, 19))).not.toThrow(/goes on with the import/)
  expect(() => requireReadable(made('the tar ends', 19))).toThrow(
    'the same command goes on with the import I',
  )
})

it('takes an import with nothing but wrong rows for one that has none, since it is deleted then', () => {
  const rows = { total: 1, byOutcome: { invalid: 1 } }
  const empty = made('unpacked it has too many bytes', 1)
  Object.assign(empty, { rows })
  expect(() => requireReadable(empty)).toThrow('Once that is mended, give the same command again')
  expect(() => requireReadable(empty)).not.toThrow(/import I/)
})

it('names no password, and tells the kinds of links that are read', () => {
  expect(nameOfLink('https://u:p@a.example/x.tar?sig=1')).toBe('https://a.example/x.tar')
  expect(() => refuseOtherLink('ftp://a.example/x.tar')).toThrow('s3://, gs://, https://')
  for (const one of ['s3://a/', './x.tar', 'C:\\x']) expect(() => refuseOtherLink(one)).not.toThrow()
})
