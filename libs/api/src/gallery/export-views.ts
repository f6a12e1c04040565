import { type EnrolledImage, type ExportItem, type Image, textOfValues } from '@semblance/core'
import { markJson } from '../endpoint/json-text.ts'
import { viewGroup, viewImage, viewPerson } from '../persons/person-view.ts'

/** A record of an export. `baseUrl` is as for `viewImage`; 'none' leaves out where the picture can be fetched. */
export function viewItem(item: ExportItem, baseUrl: string | null | 'none'): object {
  switch (item.kind) {
    case 'group':
      return viewGroup(item.group)
    case 'person':
      return viewPerson(item.person)
    case 'image':
      return viewExportedImage(item.image, baseUrl)
  }
}

function viewExportedImage(image: Image | EnrolledImage, baseUrl: string | null | 'none'): object {
  const { id, contentType, createdAt, path, url } = viewImage(image, baseUrl === 'none' ? null : baseUrl)
  const { personId, bytes, sha256 } = image
  const view = {
    ...{ id, personId, contentType, bytes, sha256, createdAt },
    ...(baseUrl === 'none' ? {} : { path }),
    ...(url === undefined ? {} : { url }),
  }
  if (!('descriptor' in image)) return view
  const { packId, values } = image.descriptor
  // Distances depend on these, too.
  const { quality, damage = null } = image
  return { ...view, pack: packId, descriptor: textOfValues(values), quality, damage }
}

/** Metadata stands there as it was sent, and JSON may be broken into lines outside of its texts. */
export function lineOf(value: object): string {
  const { json, piecesOf } = markJson(value)
  return `${piecesOf(json)
    .join('')
    .replace(/[\n\r]/g, ' ')}\n`
}
