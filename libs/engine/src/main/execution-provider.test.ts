import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { InferenceSession } from '../inference-thread/onnx-runtime.ts'
import { type OpenedPack, openPack } from '../packs/open-pack.ts'
import { openOnnxFaceEngine } from './open-onnx-face-engine.ts'
import { startOnFirstProvider } from './pool/start-on-first-provider.ts'

const require = createRequire(import.meta.url)
const binaries = join(dirname(require.resolve('onnxruntime-node')), '../bin/napi-v6/linux/x64')
const hasCuda = existsSync(join(binaries, 'libonnxruntime_providers_cuda.so'))
if (hasCuda) process.emitWarning('skipped: how CUDA is missed, because its library is installed here')

let pack: OpenedPack

beforeAll(async () => {
  const root = join(import.meta.dirname, '../../../..')
  const folders = { packsFolder: join(root, 'models'), modelsFolder: join(root, 'models/.cache') }
  pack = await openPack({ ...folders, packId: 'builtin@2' })
}, 120_000)

function open(executionProviders: readonly ('cuda' | 'cpu')[], warnings: string[] = []) {
  return openOnnxFaceEngine({
    pack,
    threads: 2,
    limits: { maxPixels: 50_000_000, maxFaces: 64 },
    observe: () => {},
    executionProviders,
    onWarning: (message) => warnings.push(message),
  })
}

describe.skipIf(hasCuda)('an engine on a machine without CUDA', () => {
  it('does not open on cuda alone, and says what is needed', async () => {
    const warnings: string[] = []
    const opening = open(['cuda'], warnings)
    await expect(opening).rejects.toMatchObject({ code: 'E_PACK_INVALID', retryable: false })
    await expect(opening).rejects.toThrow(
      /do not run on cuda \(.*Failed to load shared library\); CUDA needs an NVIDIA device.*list cpu/,
    )
    expect(warnings).toEqual([])
  })

  it('opens on the CPU if that is listed next, with one warning for all its threads', async () => {
    const warnings: string[] = []
    const engine = await open(['cuda', 'cpu'], warnings)
    await engine.close()
    expect(engine.executionProvider).toBe('cpu')
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/^inference runs on cpu: its networks do not run on cuda/)
  })
})

describe('the order of execution providers', () => {
  it('the first one is taken without a warning', async () => {
    const warnings: string[] = []
    const engine = await open(['cpu', 'cuda'], warnings)
    await engine.close()
    expect([engine.executionProvider, warnings]).toEqual(['cpu', []])
  })

  it('an empty list is refused', async () => {
    await expect(open([])).rejects.toThrow('no execution provider is listed')
  })

  it('threads that failed to start are closed before others are tried', async () => {
    const events: string[] = []
    const started = await startOnFirstProvider(['cuda', 'cpu'], {
      packId: 'builtin@2',
      onWarning: () => events.push('warned'),
      openPool: (provider) => ({
        start: async () => {
          events.push(`start ${provider}`)
          if (provider === 'cuda') throw new Error('no device')
        },
        close: async () => {
          events.push(`close ${provider}`)
        },
      }),
    })
    expect(started.provider).toBe('cpu')
    expect(events).toEqual(['start cuda', 'close cuda', 'start cpu', 'warned'])
  })

  it('every reason is told if no provider runs', async () => {
    const failing = startOnFirstProvider(['cuda', 'cpu'], {
      packId: 'builtin@2',
      onWarning: () => {},
      openPool: (provider) => ({
        start: () => Promise.reject(new Error(`${provider} broke`)),
        close: async () => {},
      }),
    })
    await expect(failing).rejects.toThrow(/cuda broke.*cpu broke/)
  })
})

describe('the runtime', () => {
  it('refuses a network of which it would run a part on the CPU, if told so as our CUDA sessions tell it', async () => {
    const opening = InferenceSession.create(pack.files.landmarks!, {
      extra: { session: { disable_cpu_ep_fallback: '1' } },
    })
    await expect(opening).rejects.toThrow('fallback to CPU EP has been explicitly disabled')
  })
})
