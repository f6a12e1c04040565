import { z } from 'zod'

/** What the text of a CSV is in. */
export const encodingField = z.enum(['utf-8', 'windows-1252']).optional().meta({
  description:
    'What a CSV manifest is in. Left out: what its content type says, else UTF-8; UTF-16 is found out. A byte order mark counts for more.',
})
