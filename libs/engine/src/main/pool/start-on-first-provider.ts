import { packInvalid } from '@semblance/core'
import type { ExecutionProvider } from '../../execution-provider.ts'

/** The part of a thread pool that starting it needs. */
export interface StartablePool {
  start(): Promise<void>
  close(): Promise<void>
}

export interface PoolStart<Pool extends StartablePool> {
  readonly packId: string
  readonly onWarning: (message: string) => void
  readonly openPool: (provider: ExecutionProvider) => Pool
}

/** What an operator can do about networks that do not run on a provider. */
const REMEDIES = {
  cuda: 'CUDA needs an NVIDIA device that this process may see, the libraries of CUDA 12 and cuDNN 9, and the CUDA files of onnxruntime-node, which its installation leaves out with ONNXRUNTIME_NODE_INSTALL=skip; without a device, list cpu',
  cpu: 'onnxruntime-node may be damaged; install it again',
} as const satisfies Record<ExecutionProvider, string>

/**
 * Starts the threads on the first provider that takes every network; warns once if that is not the first of the list.
 * Throws E_PACK_INVALID if none does, or if the list is empty.
 */
export async function startOnFirstProvider<Pool extends StartablePool>(
  providers: readonly ExecutionProvider[],
  { packId, onWarning, openPool }: PoolStart<Pool>,
): Promise<{ readonly pool: Pool; readonly provider: ExecutionProvider }> {
  const failures: { readonly why: string; readonly cause: unknown }[] = []
  for (const provider of providers) {
    const pool = openPool(provider)
    try {
      await pool.start()
    } catch (cause) {
      await pool.close()
      failures.push({ why: describeFailure(provider, cause), cause })
      continue
    }
    const reasons = failures.map(({ why }) => why).join('; ')
    if (reasons !== '') onWarning(`inference runs on ${provider}: ${reasons}`)
    return { pool, provider }
  }
  const reasons = failures.map(({ why }) => why).join('; ')
  throw packInvalid(packId, reasons || 'no execution provider is listed', failures.at(-1)?.cause)
}

function describeFailure(provider: ExecutionProvider, cause: unknown): string {
  const said = cause instanceof Error ? cause.message : String(cause)
  return `its networks do not run on ${provider} (${said}); ${REMEDIES[provider]}`
}
