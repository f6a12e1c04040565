import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

export const chartFolder = join(import.meta.dirname, '../../helm/semblance')
/** The version that the chart is rendered for: helm built from source takes itself for a very old cluster. */
export const KUBERNETES = '1.34.4'

/** Why charts cannot be rendered here; null if they can. */
export const withoutHelm: string | null =
  spawnSync('helm', ['version']).error === undefined ? null : 'helm is not on PATH'

export const examples: readonly string[] = readdirSync(join(chartFolder, 'examples')).map((file) =>
  file.replace(/\.yaml$/, ''),
)

/** Any object of Kubernetes, as far as these tests look into it. */
export interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }
  // biome-ignore lint/suspicious/noExplicitAny: each kind has a form of its own, which the API server checks
  readonly spec?: any
  // biome-ignore lint/suspicious/noExplicitAny: the same
  readonly data?: any
}

export interface Rendered {
  /** Empty if the chart was rendered. */
  readonly refusal: string
  readonly manifests: readonly Manifest[]
}

/** Renders the chart as release `faces` in the namespace `faces`, with an example and what changes it (`--set` and its value). */
export function render(example: string, ...changes: readonly string[]): Rendered {
  const values = ['--values', join(chartFolder, 'examples', `${example}.yaml`)]
  const args = ['template', 'faces', chartFolder, '--namespace', 'faces', '--kube-version', KUBERNETES]
  const { status, stdout, stderr } = spawnSync('helm', [...args, ...values, ...changes], {
    encoding: 'utf8',
    maxBuffer: 64_000_000,
  })
  if (status !== 0) return { refusal: stderr, manifests: [] }
  const documents = parseAllDocuments(stdout)
  if ('empty' in documents) return { refusal: '', manifests: [] }
  for (const { errors } of documents) if (errors[0] !== undefined) throw errors[0]
  const manifests = documents.map((document) => document.toJS() as Manifest | null)
  return { refusal: '', manifests: manifests.filter((manifest) => manifest !== null) }
}

// biome-ignore lint/suspicious/noExplicitAny: see `Manifest`
export type PodSpec = any

/** Templates of pods by the name of what they belong to. */
export function podsOf(manifests: readonly Manifest[]): ReadonlyMap<string, PodSpec> {
  const pods = manifests.flatMap(({ kind, metadata, spec }) => {
    if (kind === 'Pod') return [[metadata.name, spec] as const]
    const template = kind === 'CronJob' ? spec.jobTemplate.spec.template : spec?.template
    return template?.spec === undefined ? [] : [[metadata.name, template.spec] as const]
  })
  return new Map(pods)
}

export function ofKind(manifests: readonly Manifest[], kind: string): readonly Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind)
}
