import { problemOf } from '@semblance/client'
import { addressOf } from '../../../server/place.ts'

/** A line of an import's report; what does not apply is left out. */
export interface ReportRow {
  readonly key: string
  /** `externalId:…` or another name of the person, as the import knows them. */
  readonly person?: string
  readonly personId?: string
  readonly outcome?: string
  readonly why?: string
  readonly field?: string
  readonly characteristic?: string
  readonly value?: number
  readonly limits?: string
  readonly faceCount?: number
  readonly likePersonId?: string
  readonly likeDistance?: number
}

interface Wanted {
  readonly outcome: string
  readonly most: number
  readonly signal: AbortSignal
}

/** The first rows of one outcome. A report may be long, so it is read no further than it is shown. */
export async function readReport(
  importId: string,
  { outcome, most, signal }: Wanted,
): Promise<readonly ReportRow[]> {
  const answer = await fetch(addressOf(`/api/imports/${importId}/report?outcome=${outcome}`), { signal })
  if (!answer.ok || answer.body === null) throw problemOf(answer, await answer.json().catch(() => null))
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    text += value ?? ''
    const lines = text.split('\n')
    if (!done && lines.length <= most) continue
    if (!done) await reader.cancel()
    return lines
      .slice(0, done ? most : Math.min(most, lines.length - 1))
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as ReportRow)
  }
}
