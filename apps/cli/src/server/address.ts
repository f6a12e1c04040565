import { readFile } from 'node:fs/promises'
import { InvalidArgumentError } from 'commander'
import { wrongUse } from './command-fault.ts'

/** The API key that stands in a file, so that no list of processes shows it. */
export async function readKey(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((fault: unknown) => {
    throw wrongUse(`${file} cannot be read (${(fault as NodeJS.ErrnoException).code})`)
  })
  const key = text.trim()
  if (/^[\x21-\x7e]+$/.test(key)) return key
  throw wrongUse(`${file} does not hold one key in one line`)
}

/** The address without a slash at the end, and without what would end up in messages. */
export function baseUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError('must be http(s)://...')
  if (url.username !== '' || url.password !== '')
    throw new InvalidArgumentError('must name no user or password')
  if (url.search !== '' || url.hash !== '') throw new InvalidArgumentError('must end with the path')
  return url.href.replace(/\/+$/, '')
}
