/** A file and where it lay: `Ada Lovelace/1.jpg`. The folder is the person. */
export interface PlacedFile {
  readonly path: string
  readonly file: File
}

const ARCHIVES: Readonly<Record<string, string>> = {
  '.tar': 'application/x-tar',
  '.tar.gz': 'application/gzip',
  '.tgz': 'application/gzip',
  '.zip': 'application/zip',
}

/** What the server calls this kind of archive; null: it is none. */
export function archiveType(name: string): string | null {
  const ending = Object.keys(ARCHIVES).find((one) => name.toLowerCase().endsWith(one))
  return ending === undefined ? null : (ARCHIVES[ending] ?? null)
}

/** Whether the server may find a picture in it; kinds that the browser has no name for may be pictures, too. */
export function isForImport({ path, file }: PlacedFile): boolean {
  return archiveType(path) !== null || file.type === '' || file.type.startsWith('image/')
}

/** Of an input that chooses a folder: paths begin with its own name, which is nobody's. */
export function chosenFiles(files: readonly File[]): readonly PlacedFile[] {
  return withoutTop(files.map((file) => ({ path: file.webkitRelativePath || file.name, file })))
}

/** Of what was dropped, folders within folders, too. */
export async function droppedFiles(items: DataTransferItemList): Promise<readonly PlacedFile[]> {
  // Entries are gone as soon as the event is over, so all are taken before the first is read.
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const placed = (await Promise.all(entries.map((entry) => filesBelow(entry)))).flat()
  return withoutTop(placed)
}

async function filesBelow(entry: FileSystemEntry): Promise<readonly PlacedFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [{ path: entry.fullPath.replace(/^\//, ''), file }]
  }
  const found: PlacedFile[] = []
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  // A call gives a hundred entries at most, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return found
    for (const one of some) found.push(...(await filesBelow(one)))
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

/** One folder of folders was chosen: its own name is left out. Hidden files are no pictures. */
function withoutTop(placed: readonly PlacedFile[]): readonly PlacedFile[] {
  const shown = placed.filter(({ path }) => !path.split('/').some((part) => part.startsWith('.')))
  const tops = new Set(shown.map(({ path }) => path.split('/')[0]))
  const isNested =
    shown.length > 0 && tops.size === 1 && shown.every(({ path }) => path.split('/').length > 2)
  return isNested ? shown.map(({ path, file }) => ({ path: path.slice(path.indexOf('/') + 1), file })) : shown
}
