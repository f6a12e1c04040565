import { prefix } from './place.ts'

/** Of the file with what is stored of people; the browser takes it into its downloads as it comes, however large it is. */
export function exportAddress(wanted: Readonly<Record<string, string | readonly string[]>>): string {
  const query = new URLSearchParams()
  for (const [name, values] of Object.entries(wanted))
    for (const value of typeof values === 'string' ? [values] : values) query.append(name, value)
  return `${prefix}/api/export?${query}`
}
