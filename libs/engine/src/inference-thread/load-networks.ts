import { readFile } from 'node:fs/promises'
import type { PackId } from '@semblance/core'
import type { ExecutionProvider } from '../execution-provider.ts'
import type { Landmarks } from '../faces/face-points.ts'
import type { AttributeNetworks, CascadeDetector, Recognizer, SsdDetector } from '../packs/pack-manifest.ts'
import { projectionOf } from './describe/describe-part.ts'
import { InferenceSession, Tensor } from './onnx-runtime.ts'
import type { Networks } from './run-face-task.ts'
import { type RunNetwork, sparingSession } from './sparing-session.ts'

/** What a thread must know of a pack; plain data, so that it can be sent there. */
export interface PackNetworks {
  readonly packId: PackId
  readonly detector: SsdDetector | CascadeDetector
  readonly landmarks: Landmarks
  readonly recognizers: readonly Recognizer[]
  readonly attributes: AttributeNetworks
  /** Path by role. */
  readonly files: Readonly<Record<string, string>>
  /** What every session runs on; one that cannot fails to load. */
  readonly provider: ExecutionProvider
}

/**
 * One core a session, as many threads as cores. On two cores, a search's four passes, milliseconds each with four at
 * a time and for one alone: two threads of one core 66 and 99, one thread of two cores 79 and 70, two of two 78 and
 * 78. Spinning would burn the other threads' cores while waiting. Memory patterns are planned for each input size
 * anew: without them two threads hold 530 MB instead of 670 after mixed work, at the same processor time.
 */
const CPU_OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableMemPattern: false,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
}

/**
 * The runtime opens no session on CUDA without its library or a device, but hands a node that CUDA cannot run to the
 * CPU without a word. `disable_cpu_ep_fallback` makes that a refusal, too.
 */
const CUDA_OPTIONS: InferenceSession.SessionOptions = {
  ...CPU_OPTIONS,
  executionProviders: ['cuda'],
  extra: {
    session: {
      intra_op: { allow_spinning: '0' },
      inter_op: { allow_spinning: '0' },
      disable_cpu_ep_fallback: '1',
    },
  },
}

const SESSION_OPTIONS = {
  cpu: CPU_OPTIONS,
  cuda: CUDA_OPTIONS,
} as const satisfies Record<ExecutionProvider, InferenceSession.SessionOptions>

/** The largest input of a search's usual looks; a look for small faces has up to 1600 x 1600. */
const LARGE_PIXELS = 640 * 640

/** Loads a pack's networks into this thread, except for those of attributes, which few callers ever ask for. */
export async function loadNetworks(pack: PackNetworks): Promise<Networks> {
  const openSession = sessionsOf(pack)
  const loadAttribute = attributesOf(pack, openSession)
  const networks = {
    packId: pack.packId,
    ssd: pack.detector.layout === 'ssd' ? await loadSsd(pack.detector, openSession) : null,
    cascade: pack.detector.layout === 'cascade' ? await loadCascade(pack.detector, openSession, pack) : null,
    landmarks: await loadLandmarks(pack, openSession),
    parts: await Promise.all(
      pack.recognizers.map(async (settings) => ({
        settings,
        landmarks: pack.landmarks,
        projection: projectionOf(settings),
        run: await loadChipNetwork(settings, settings.chip.side, openSession),
      })),
    ),
    loadAttribute,
  }
  // Whether they run on CUDA must be known before the first call, too.
  if (pack.provider === 'cuda') await Promise.all([loadAttribute('age'), loadAttribute('emotion')])
  return networks
}

/** Gives the session of a role; each file is loaded once. */
type OpenSession = (role: string) => Promise<InferenceSession>

function sessionsOf({ files, provider }: PackNetworks): OpenSession {
  const sessions = new Map<string, Promise<InferenceSession>>()
  return (role) => {
    const path = files[role]
    if (path === undefined) throw new RangeError(`the pack has no file for ${role}`)
    const session = sessions.get(role) ?? InferenceSession.create(path, SESSION_OPTIONS[provider])
    sessions.set(role, session)
    return session
  }
}

/** The session of a role for inputs over `LARGE_PIXELS`. Null on CUDA, where the room is the device's and opening is dear. */
async function sparingly(role: string, { files, provider }: PackNetworks): Promise<RunNetwork | null> {
  const path = files[role]
  if (provider === 'cuda' || path === undefined) return null
  // Read now: the file may be gone when it is wanted.
  const network = await readFile(path)
  return sparingSession(() => InferenceSession.create(network, SESSION_OPTIONS[provider]))
}

async function loadSsd(
  settings: SsdDetector,
  openSession: OpenSession,
): Promise<NonNullable<Networks['ssd']>> {
  const session = await openSession(settings.role)
  return {
    settings,
    run: async ({ bytes, width, height }) => {
      const input = new Tensor('uint8', bytes, [1, height, width, 3])
      return floatsOf(await session.run({ [settings.input.name]: input }, [settings.output]), settings.output)
    },
  }
}

async function loadCascade(
  settings: CascadeDetector,
  openSession: OpenSession,
  pack: PackNetworks,
): Promise<NonNullable<Networks['cascade']>> {
  const { proposer, refiner, judge } = settings
  const [session, runLarge, runRefiner, runJudge] = await Promise.all([
    openSession(proposer.role),
    sparingly(proposer.role, pack),
    loadChipNetwork(refiner, refiner.input.side, openSession),
    loadChipNetwork(judge, judge.input.side, openSession),
  ])
  return {
    settings,
    proposer: {
      settings: proposer,
      run: async ({ bytes, width, height }) => {
        const input = new Tensor('uint8', bytes, [1, height, width, 3])
        const { scores, encodings } = proposer
        const isLarge = runLarge !== null && width * height > LARGE_PIXELS
        const inputs = { [proposer.input.name]: input }
        const wanted = [scores, encodings]
        const outputs = await (isLarge ? runLarge(inputs, wanted) : session.run(inputs, wanted))
        return { scores: floatsOf(outputs, scores), encodings: floatsOf(outputs, encodings) }
      },
    },
    refiner: { settings: refiner, run: runRefiner },
    judge: { settings: judge, run: runJudge },
  }
}

async function loadLandmarks(
  { landmarks: settings }: PackNetworks,
  openSession: OpenSession,
): Promise<Networks['landmarks']> {
  const run = await loadChipNetwork(settings, settings.input.side, openSession)
  return { settings, run: (planes) => run({ planes, count: 1 }) }
}

function attributesOf(pack: PackNetworks, openSession: OpenSession): Networks['loadAttribute'] {
  return async (attribute) => {
    const settings = pack.attributes[attribute]
    if (settings === undefined) return null
    const run = await loadChipNetwork(settings, settings.chip.side, openSession)
    return { settings, landmarks: pack.landmarks, run }
  }
}

type RunChips = (chips: { readonly planes: Float32Array; readonly count: number }) => Promise<Float32Array>

async function loadChipNetwork(
  { role, input, output }: Pick<Recognizer, 'role' | 'input' | 'output'>,
  side: number,
  openSession: OpenSession,
): Promise<RunChips> {
  const session = await openSession(role)
  return async ({ planes, count }) => {
    const tensor = new Tensor('float32', planes, [count, 3, side, side])
    return floatsOf(await session.run({ [input.name]: tensor }, [output]), output)
  }
}

function floatsOf(outputs: InferenceSession.ReturnType, name: string): Float32Array {
  const data = outputs[name]?.data
  if (!(data instanceof Float32Array)) throw new TypeError(`output ${name} is not float32`)
  return data
}
