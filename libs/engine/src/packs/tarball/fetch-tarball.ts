import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'

/** Fifty megabytes over a slow line; npm itself tries again and gives up earlier where nobody answers. */
const MOST_MS = 15 * 60_000
/** What npm prints is a list of the files in the tarball, or what went wrong. */
const MOST_PRINTED_BYTES = 4 * 2 ** 20

/** What npm prints with `--json` when it fails. */
const npmFailureSchema = z.object({ error: z.object({ summary: z.string() }) })

const run = promisify(execFile)

/** Has npm fetch the tarball of one package, without its dependencies and without running any script, and gives the
 *  path of the file in `folder`. Registry, proxy, certificates and cache are those that npm is set to. Throws an
 *  error that says in one line why there is none, and the signal's reason. */
export async function fetchTarball(
  pack: { readonly package: string; readonly version: string },
  folder: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  // cmd, which must start npm on Windows, takes a path apart at its spaces.
  const isWindows = process.platform === 'win32'
  const args = [
    'pack',
    `${pack.package}@${pack.version}`,
    '--json',
    '--ignore-scripts',
    '--prefer-offline',
    '--pack-destination',
    isWindows ? `"${folder}"` : folder,
  ]
  const options = { timeout: MOST_MS, maxBuffer: MOST_PRINTED_BYTES, shell: isWindows }
  await run('npm', args, signal ? { ...options, signal } : options).catch((fault: unknown) => {
    signal?.throwIfAborted()
    throw new Error(`npm cannot fetch it (${reasonOf(fault)})`, { cause: fault })
  })
  const [file, ...others] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'))
  if (file === undefined || others.length > 0) throw new Error('npm did not give one file')
  return join(folder, file)
}

function reasonOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault)
  if ('code' in fault && fault.code === 'ENOENT') return 'there is no npm on the PATH'
  if ('killed' in fault && fault.killed === true) return 'it took too long'
  const printed = 'stdout' in fault && typeof fault.stdout === 'string' ? fault.stdout : ''
  return summaryOf(printed) ?? fault.message.split('\n')[0] ?? ''
}

function summaryOf(printed: string): string | null {
  try {
    return npmFailureSchema.parse(JSON.parse(printed)).error.summary.split('\n')[0] ?? null
  } catch {
    return null
  }
}
