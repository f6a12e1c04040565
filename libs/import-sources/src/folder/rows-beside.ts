import { judgePath } from '../archive/entry-path.ts'
import { readPicture } from '../archive/read-picture.ts'
import { InvalidField } from '../fields/invalid-field.ts'
import { pictureProblem } from '../layout/manifest-join.ts'
import type { SourceItem, SourceRow } from '../source-row.ts'
import { fileBelow } from './file-below.ts'

/** The items of a manifest, with the pictures of the files that it names, which lie below the root. Holds one at a time. */
export async function* rowsBeside(
  items: AsyncGenerator<SourceItem>,
  { root, pictureBytes }: { readonly root: string; readonly pictureBytes: number },
): AsyncGenerator<SourceItem> {
  for await (const item of items) {
    const named = fileNamedBy(item)
    if (named === null) {
      yield item
      continue
    }
    try {
      yield { ...named.row, picture: { bytes: await readNamed(named.file, root, pictureBytes) } }
    } catch (error) {
      if (!(error instanceof InvalidField)) throw error
      yield pictureProblem(named.row, error.message)
    }
  }
}

/** The items of a manifest that came without files. */
export async function* rowsAlone(items: AsyncGenerator<SourceItem>): AsyncGenerator<SourceItem> {
  for await (const item of items) {
    const named = fileNamedBy(item)
    yield named === null
      ? item
      : pictureProblem(
          named.row,
          'names a file, and the manifest came without files: send a link or an archive',
        )
  }
}

/** The items of a manifest that stands behind a link: files that it names are links, too, to what lies beside it. */
export async function* rowsLinked(
  items: AsyncGenerator<SourceItem>,
  linkOf: (path: string) => string,
): AsyncGenerator<SourceItem> {
  for await (const item of items) {
    const named = fileNamedBy(item)
    if (named === null) {
      yield item
      continue
    }
    const judged = judgePath(Buffer.from(named.file.replaceAll('\\', '/')))
    yield judged.kind === 'path'
      ? { ...named.row, picture: { link: linkOf(judged.path) } }
      : pictureProblem(named.row, 'leads outside of the folder of the manifest')
  }
}

function fileNamedBy(item: SourceItem): { readonly row: SourceRow; readonly file: string } | null {
  if (item.kind !== 'row' || item.picture === undefined || !('file' in item.picture)) return null
  return { row: item, file: item.picture.file }
}

async function readNamed(name: string, root: string, maxBytes: number): Promise<Buffer> {
  const judged = judgePath(Buffer.from(name.replaceAll('\\', '/')))
  if (judged.kind !== 'path') throw new InvalidField('picture', 'leads outside of the folder')
  // macOS writes `é` in file names as two characters, people write it as one.
  const spellings = new Set([judged.path, judged.path.normalize('NFC'), judged.path.normalize('NFD')])
  let why = new InvalidField('picture', 'is not there')
  for (const path of spellings) {
    const file = await fileBelow({ root, path }, 0)
    if (!(file instanceof InvalidField)) return readPicture(file, maxBytes)
    if (path === judged.path) why = file
  }
  throw why
}
