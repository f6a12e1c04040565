import { spawnSync } from 'node:child_process'

/** It says which cluster the tests may use: that of a developer's own settings is not touched. */
const { TEST_KUBECONFIG: kubeconfig = '' } = process.env

/** Why nothing is tried on Kubernetes here; null if it is. */
export const withoutKubernetes: string | null =
  kubeconfig === ''
    ? 'TEST_KUBECONFIG names no cluster'
    : spawnSync('kubectl', ['version', '--client']).error === undefined
      ? null
      : 'kubectl is not on PATH'

/** What kubectl prints. Throws what it says if it fails. */
export function kubectl(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('kubectl', ['--kubeconfig', kubeconfig, ...args], {
    encoding: 'utf8',
    input,
    maxBuffer: 64_000_000,
  })
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}:\n${stderr}${stdout}`)
  // The API server warns of what it accepts and will not do, such as a field that it does not know.
  return `${stdout}${stderr}`
}
