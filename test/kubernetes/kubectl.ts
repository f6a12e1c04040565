import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

/** They say which cluster the tests may use, and which images: those of a developer's own settings are not touched. */
const { TEST_KUBECONFIG: kubeconfig = '', TEST_IMAGES: images = '' } = process.env

/** Why nothing is tried on Kubernetes here; null if it is. */
export const withoutKubernetes: string | null =
  kubeconfig === ''
    ? 'TEST_KUBECONFIG names no cluster'
    : spawnSync('kubectl', ['version', '--client']).error === undefined
      ? null
      : 'kubectl is not on PATH'

/** Why no pod is run here; null if pods are. */
export const withoutImages: string | null =
  withoutKubernetes ?? (images === '' ? 'TEST_IMAGES names no images' : null)

/** TEST_IMAGES is a name such as `registry.example.org/semblance`; its tags are the targets of deploy/Dockerfile, and `stores`. */
export const imageName = images

/** Those of kubectl and helm alike. */
export const kubeconfigArgs: readonly string[] = ['--kubeconfig', kubeconfig]

const MOST_PRINTED_BYTES = 64_000_000

/** What kubectl prints. Throws what it says if it fails. */
export function kubectl(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('kubectl', [...kubeconfigArgs, ...args], {
    encoding: 'utf8',
    input,
    maxBuffer: MOST_PRINTED_BYTES,
  })
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}:\n${stderr}${stdout}`)
  // The API server warns of what it accepts and will not do, such as a field that it does not know.
  return `${stdout}${stderr}`
}

/** The same for commands that take their time, of kubectl or helm, while this process goes on with other things. */
export async function runMeanwhile(program: 'kubectl' | 'helm', args: readonly string[]): Promise<string> {
  const run = promisify(execFile)
  const { stdout } = await run(program, [...kubeconfigArgs, ...args], { maxBuffer: MOST_PRINTED_BYTES })
  return stdout
}
