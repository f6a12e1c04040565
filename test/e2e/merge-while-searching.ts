import type { Calls } from './calls.ts'

export interface MergedPair {
  /** The one who stays. */
  readonly id: string
  readonly otherId: string
}

interface Hit {
  readonly id: string
  readonly images: readonly { readonly id: string }[]
}

/**
 * Merges the two while each picture of the other one is searched for, again and again. Throws where a search finds a picture
 * under both or under nobody, or under the other one after it was found under the one who stays. Answers how many searches
 * found which of the two.
 */
export async function mergeWhileSearching(
  calls: Calls,
  { id, otherId }: MergedPair,
): Promise<{ readonly before: number; readonly after: number }> {
  const imageIds = await calls.imageIds(otherId)
  const found = { before: 0, after: 0 }
  let isMerged = false
  const search = async (imageId: string) => {
    for (let rounds = 0; !isMerged || rounds === 0; rounds += isMerged ? 1 : 0) {
      const wasMerged = found.after > 0 || isMerged
      const owner = await ownerOf(calls, imageId)
      if (owner !== id && (owner !== otherId || wasMerged))
        throw new Error(`image ${imageId} is found under ${owner}, of ${id} and ${otherId}`)
      found[owner === id ? 'after' : 'before']++
    }
  }
  const merge = async () => {
    while (found.before < imageIds.length) await new Promise((resolve) => setTimeout(resolve, 5))
    const { status, json } = await calls.ask('POST', `/persons/${id}/merge`, { otherId })
    isMerged = true
    if (status !== 200) throw new Error(`the merge was answered with ${status}: ${json?.msg}`)
  }
  await Promise.all([merge(), ...imageIds.map(search)])
  return found
}

async function ownerOf(calls: Calls, imageId: string): Promise<string> {
  const { status, json } = await calls.ask('POST', '/search', {
    imageId,
    includeSelf: true,
    threshold: 0.1,
    limit: 10,
  })
  if (status !== 200) throw new Error(`a search was answered with ${status}: ${json?.msg}`)
  const owners = (json.persons as readonly Hit[]).filter(({ images }) =>
    images.some((image) => image.id === imageId),
  )
  if (owners.length !== 1) throw new Error(`image ${imageId} is found under ${owners.length} persons`)
  return owners[0]!.id
}
