import { createServer } from 'node:net'
import { type Finding, fine, note, reasonOf, wrong } from './finding.ts'

export interface ListensAt {
  readonly host: string
  readonly port: number
  /** The setting that names the port. */
  readonly variable: string
  readonly healthPath: string
}

const ANSWER_MS = 5_000
/** Certificates, tokens and leases of others judge by seconds. */
const CLOCKS_APART_MS = 2_000

/** Whether the port is free, or taken by a server of ours. */
export async function checkPort({ host, port, variable, healthPath }: ListensAt): Promise<Finding> {
  const at = `${host}:${port}`
  const fault = await listenOnce(host, port)
  if (fault === null) return fine('port', `${at} is free (${variable})`)
  if (fault.code !== 'EADDRINUSE')
    return wrong(
      'port',
      `nothing can listen at ${at}: ${reasonOf(fault)}`,
      `set ${variable}, or the host beside it`,
    )
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const isOurs = await fetch(`http://${reached}:${port}${healthPath}`, {
    signal: AbortSignal.timeout(ANSWER_MS),
  }).then(
    ({ ok }) => ok,
    () => false,
  )
  if (isOurs) return fine('port', `a server of ours listens at ${at}`)
  return wrong('port', `another program listens at ${at}`, `stop that one, or set ${variable}`)
}

function listenOnce(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen(port, host, () => server.close(() => resolve(null)))
  })
}

/** What the running server says of itself. `isNamed`: somebody said that there is one. */
export async function checkReady(url: string, isNamed: boolean): Promise<readonly Finding[]> {
  const part = 'server'
  try {
    const answer = await fetch(`${url}/api/readyz`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    const missing = answer.headers.get('x-semblance-missing')
    const clock = clockFinding('clock of the server', Date.parse(answer.headers.get('date') ?? ''))
    if (answer.status === 200) return [fine(part, `${url} is ready`), ...clock]
    if (missing === null)
      return [wrong(part, `${url} answered ${answer.status}, not as a server of ours`, 'set SEMBLANCE_URL')]
    const advice = 'look at what is found of these parts, and into the log of the server'
    return [wrong(part, `${url} is not ready: it misses ${missing}`, advice), ...clock]
  } catch (fault) {
    const what = `no server answers at ${url}: ${reasonOf(fault)}`
    return isNamed ? [wrong(part, what, 'start it, or set SEMBLANCE_URL')] : [note(part, what)]
  }
}

/** Nothing for a time that is not known. */
export function clockFinding(part: string, theirsMs: number): readonly Finding[] {
  const apartMs = Math.abs(theirsMs - Date.now())
  if (Number.isNaN(apartMs)) return []
  const what = `${(apartMs / 1000).toFixed(1)} s apart from the clock here`
  if (apartMs <= CLOCKS_APART_MS) return [fine(part, what)]
  return [wrong(part, what, 'let both machines take their time from the same source (NTP)')]
}
