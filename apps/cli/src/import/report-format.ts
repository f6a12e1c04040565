export type ReportFormat = 'csv' | 'ndjson'

/** What a report is written as, by the name of its file: CSV, unless the name says that it is lines of JSON. */
export function reportFormatOf(file: string): ReportFormat {
  return /\.(ndjson|jsonl)$/i.test(file) ? 'ndjson' : 'csv'
}
