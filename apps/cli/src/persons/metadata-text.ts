import { wrongUse } from '../server/command-fault.ts'

/** A JSON body of these fields, and of metadata to the letter: its numbers keep their digits. Undefined: it is left out. */
export function withMetadata(fields: object, metadata: string | undefined): string {
  const line = JSON.stringify(fields)
  if (metadata === undefined) return line
  const comma = line === '{}' ? '' : ','
  return `${line.slice(0, -1)}${comma}"metadata":${objectText(metadata)}}`
}

function objectText(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text
  } catch {
    // The same is wrong with it.
  }
  throw wrongUse('--metadata must be a JSON object, such as {"city": "London"}')
}
