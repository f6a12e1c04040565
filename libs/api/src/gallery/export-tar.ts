import {
  AppError,
  type ExportItem,
  type ExportScope,
  exportGallery,
  findVisiblePerson,
  type GalleryPorts,
  type Image,
  readPicture,
  type Waiting,
} from '@semblance/core'
import {
  EXPORT_END,
  EXPORT_FORMAT,
  EXPORT_HEAD,
  EXPORT_VERSION,
  pathOfPicture,
  pathOfRecord,
} from '@semblance/import-sources'
import { extensionOf } from '../pictures/picture-extension.ts'
import { lineOf, viewItem } from './export-views.ts'
import type { TarFile } from './pack-tar.ts'

interface Wanted {
  readonly scope: ExportScope
  readonly withDescriptors: boolean
}

/**
 * The files of an export, as `export-layout.ts` tells; the last one says that it is whole. Holds one picture at a time. A
 * person or picture that is deleted meanwhile is left out from then on. A picture that is damaged is missing beside its record,
 * and counted at the end.
 */
export async function* exportFiles(
  gallery: GalleryPorts,
  wanted: Wanted,
  waiting: Waiting,
): AsyncGenerator<TarFile> {
  const counts = { groups: 0, persons: 0, images: 0, damagedPictures: 0 }
  const [pack, now] = [await gallery.records.settings.readPack(waiting), gallery.clock.now()]
  const createdAt = new Date(now).toISOString()
  const head = {
    format: EXPORT_FORMAT,
    version: EXPORT_VERSION,
    pack,
    descriptors: wanted.withDescriptors,
    createdAt,
  }
  yield record(EXPORT_HEAD, head, now)
  for await (const item of exportGallery(gallery, wanted, waiting)) {
    const changedMs = timeOf(item)
    if (item.kind !== 'image') {
      counts[item.kind === 'group' ? 'groups' : 'persons']++
      yield record(pathOf(item), viewItem(item, 'none'), changedMs)
      continue
    }
    const picture = await pictureOf(gallery, item.image, waiting)
    if (picture === 'gone') continue
    counts.images++
    yield record(pathOf(item), viewItem(item, 'none'), changedMs)
    if (picture === 'damaged') counts.damagedPictures++
    else
      yield {
        path: pathOfPicture(item.image, extensionOf(item.image.contentType)),
        bytes: picture,
        changedMs,
      }
  }
  yield record(EXPORT_END, { complete: true, ...counts }, now)
}

function record(path: string, view: object, changedMs: number): TarFile {
  return { path, bytes: Buffer.from(lineOf(view)), changedMs }
}

function pathOf(item: ExportItem): string {
  switch (item.kind) {
    case 'group':
      return pathOfRecord({ kind: 'group', id: item.group.id })
    case 'person':
      return pathOfRecord({ kind: 'person', personId: item.person.id })
    case 'image':
      return pathOfRecord({ kind: 'image', personId: item.image.personId, id: item.image.id })
  }
}

function timeOf(item: ExportItem): number {
  if (item.kind === 'person') return item.person.updatedAt
  return item.kind === 'group' ? item.group.createdAt : item.image.createdAt
}

async function pictureOf(
  gallery: GalleryPorts,
  image: Image,
  waiting: Waiting,
): Promise<Uint8Array | 'gone' | 'damaged'> {
  const picture = await readPicture(gallery, image, waiting).catch((fault: unknown) => {
    if (fault instanceof AppError && fault.code === 'E_PICTURE_DAMAGED') return 'damaged' as const
    throw fault
  })
  // The person is deleted from the mark on, and the pictures follow.
  const isThere = (await findVisiblePerson(gallery, image.personId, waiting)) !== null
  return isThere && picture !== null ? picture : 'gone'
}
