import { isLateManifest } from '@semblance/import-sources'
import { EXIT } from '../command/exit-codes.ts'
import { CommandFault, wrongUse } from '../server/command-fault.ts'
import { hasGoodRow, type ImportAnswer, type ImportCalls } from './import-calls.ts'

/** Whether the server itself reads a source, and this command does not. */
export function isLink(source: string): boolean {
  return /^(s3|gs|https?|file):\/\//i.test(source)
}

/** What an import of a link is called: without what may be a signature, and without a user and a password. */
export function nameOfLink(link: string): string {
  return /^https?:/i.test(link) ? link.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//') : link
}

export interface LinkOptions {
  readonly layout: string
  readonly pattern?: string
  readonly encoding: string
  readonly watch: boolean
}

/** Has the server read the link, or go on with it. Throws what it says of a link that cannot be one. */
export function readFromLink(
  calls: ImportCalls,
  { id, link, options }: { readonly id: string; readonly link: string; readonly options: LinkOptions },
): Promise<ImportAnswer> {
  const { pattern, encoding } = options
  return calls.readSource(id, {
    url: link,
    close: true,
    ...(pattern === undefined ? {} : { pattern }),
    // What a server says of its file counts for more than what nobody chose.
    ...(encoding === 'utf-8' ? {} : { encoding }),
  })
}

/** Something like `ftp://…` is not looked for as a file. */
export function refuseOtherLink(source: string): void {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source) && !isLink(source))
    throw wrongUse(
      'links of this kind are not read; those that are begin with s3://, gs://, https://, http:// or file://',
    )
}

/** Before an import is made that would never get a row. */
export function checkLinkOptions({ layout, watch }: LinkOptions): void {
  if (watch) throw wrongUse('--watch is for folders; run the command again for what has come since')
  if (layout !== 'auto')
    throw wrongUse('--layout is for what this command reads; use --pattern, or a manifest')
}

/** Throws if the server has given up reading. */
export function requireReadable({ id, source, rows }: Pick<ImportAnswer, 'id' | 'source' | 'rows'>): void {
  if (source?.state !== 'failed') return
  const why = source.why ?? 'it says not why'
  if (isLateManifest(why) && hasGoodRow({ rows }))
    throw new CommandFault(
      `the server cannot read ${source.url}: ${LATE_MANIFEST}. ${takeBack(id)}`,
      EXIT.found,
    )
  throw new CommandFault(
    !hasGoodRow({ rows })
      ? `the server cannot read ${source.url}: ${why}. Once that is mended, give the same command again`
      : `the server cannot read ${source.url}: ${why}. Once that is mended, the same command goes on with the import ${id}; or end it: semblance imports cancel ${id}`,
    EXIT.found,
  )
}

const LATE_MANIFEST =
  'its manifest is not its first file, and the files before it were taken by their folders, as other persons than the manifest says'

/** Rows of wrong persons are in the import: it must not be gone on with. */
function takeBack(id: string): string {
  return `Take the import back with the persons whom it made: semblance imports cancel ${id}, then semblance imports delete ${id} --persons. Then put the manifest first, and give the same command again`
}

export function conflictLines({ source }: Pick<ImportAnswer, 'source'>): readonly string[] {
  const conflicts = source?.conflicts ?? 0
  return conflicts === 0
    ? []
    : [
        `  ${conflicts} ${conflicts === 1 ? 'row has' : 'rows have'} a key that was there with other contents, which stayed`,
      ]
}
