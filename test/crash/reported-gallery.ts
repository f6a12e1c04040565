import { type Calls, inParallel } from '../e2e/calls.ts'

/** A line of an import's report, as far as the gallery must show it. */
export interface ReportLine {
  readonly key: string
  readonly outcome?: string
  readonly personId?: string
  readonly imageId?: string
}

export interface ReportedImport {
  /** Keys of all rows that were sent. */
  readonly keys: readonly string[]
  readonly report: readonly ReportLine[]
}

/**
 * What is wrong with a gallery of imports alone: a row without its one outcome; an image that no report has; one of a report
 * that its person does not have, whose picture is not the one that was sent, or that a search does not find.
 */
export async function compareWithReports(
  calls: Calls,
  imports: readonly ReportedImport[],
  pictureOf: (key: string) => Promise<Buffer>,
): Promise<string[]> {
  const wrong = imports.flatMap(wrongLines)
  const enrolled = imports.flatMap(({ report }) => report.filter(({ outcome }) => outcome === 'enrolled'))
  const held = await imagesByPerson(calls)
  const reported = new Set(enrolled.map(({ imageId }) => imageId))
  for (const [personId, images] of held) {
    if (images.size === 0) wrong.push(`person ${personId} has no image`)
    for (const id of images) if (!reported.has(id)) wrong.push(`image ${id} is in no report`)
  }
  const found = await inParallel(enrolled, 4, async (line) => {
    const { key, personId, imageId } = line
    if (!held.get(personId!)?.has(imageId!)) return `${key}: the person does not have the image`
    const path = `/api/persons/${personId}/images/${imageId}`
    const { bytes } = await calls.send({ method: 'GET', path })
    if (!bytes.equals(await pictureOf(key))) return `${key}: the picture is another one`
    // Each import may have made a person of its own with this very picture.
    const limit = imports.length
    const { json } = await calls.ask('POST', '/search', { imageId, includeSelf: true, limit })
    const persons: readonly { readonly images: readonly { readonly id: string }[] }[] = json.persons ?? []
    const images = persons.flatMap((person) => person.images)
    return images.some(({ id }) => id === imageId) ? null : `${key}: a search does not find it`
  })
  return [...wrong, ...found.filter((fault) => fault !== null)]
}

/** Each row has one line, with an outcome. */
function wrongLines({ keys, report }: ReportedImport): string[] {
  const lines = Map.groupBy(report, ({ key }) => key)
  const missing = keys.filter((key) => lines.get(key)?.length !== 1).map((key) => `${key}: not one line`)
  const open = report.filter(({ outcome }) => outcome === undefined).map(({ key }) => `${key}: no outcome`)
  return report.length === keys.length
    ? [...missing, ...open]
    : [`${report.length} lines`, ...missing, ...open]
}

async function imagesByPerson(calls: Calls): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { items } = (await calls.ask('GET', '/persons?size=1000')).json as { items: { id: string }[] }
  const images = await inParallel(items, 4, ({ id }) => calls.imageIds(id))
  return new Map(items.map(({ id }, i) => [id, new Set(images[i])]))
}
