import { connect } from 'node:net'
import { say } from '@semblance/telemetry'
import type { DevClusterConfig } from '../config.ts'

const USUAL_OPS_PORT = 9090

/** The port that was asked for; the usual one gives way to whatever program has it, since nobody asked for it. */
export async function chooseOpsPort(config: DevClusterConfig): Promise<number> {
  const { SEMBLANCE_OPS_HOST: host, SEMBLANCE_OPS_PORT: wanted } = config
  if (wanted !== undefined) return wanted
  return (await isTaken(host, USUAL_OPS_PORT)) ? 0 : USUAL_OPS_PORT
}

/** False, and said, where another program listens. */
export async function isFree(wanted: {
  readonly variable: 'SEMBLANCE_PORT' | 'SEMBLANCE_OPS_PORT'
  readonly host: string
  readonly port: number
}): Promise<boolean> {
  const { variable, host, port } = wanted
  if (!(await isTaken(host, port))) return true
  say(
    `semblance: port ${port} is taken, perhaps by another cluster or standalone server: stop it, or set ${variable}`,
  )
  return false
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
