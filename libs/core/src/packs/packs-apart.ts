import type { PackId } from '../ids.ts'
import type { GalleryPacks } from './gallery-packs.ts'

/**
 * What an operator is told of a gallery whose pack is not the one that new galleries get, as after an upgrade whose default is
 * a newer one. It goes on with its own: that is no fault, and nothing is to be done at once.
 * @param configured the pack of SEMBLANCE_PACK, or of its default
 */
export function notePacksApart(
  { serving, other }: Pick<GalleryPacks, 'serving' | 'other'>,
  configured: PackId,
): string | null {
  if (serving === configured) return null
  const toMove =
    other === configured
      ? 'It has descriptors of both; semblance redescribe status tells more.'
      : `To move it, run: semblance redescribe --pack ${configured}.`
  return `This gallery is of model pack ${serving}, and goes on with it. New galleries get ${configured} (SEMBLANCE_PACK). ${toMove} To stay, and to be told no more, set SEMBLANCE_PACK=${serving}.`
}
