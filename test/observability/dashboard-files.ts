import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { observability } from './rule-file.ts'

const folder = join(observability, 'dashboards')

export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource?: { readonly uid: string }
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[]
}

export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] }
  readonly panels: readonly Panel[]
}

/** Every dashboard of the folder, as text and as what the text means. */
export const dashboards = readdirSync(folder).map((file) => {
  const text = readFileSync(join(folder, file), 'utf8')
  return { file, text, board: JSON.parse(text) as Dashboard }
})
