import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { listen } from './listen.ts'
import { openOpsServer } from './ops-server.ts'

const settings = { host: 'SEMBLANCE_HOST', port: 'SEMBLANCE_PORT' }
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

function listenAt(host: string, port: number) {
  const server = createServer()
  servers.push(server)
  return listen(server, { host, port, settings })
}

test('a port that is taken is told with the one setting that changes it', async () => {
  const { port } = await listenAt('127.0.0.1', 0)
  await expect(listenAt('127.0.0.1', port)).rejects.toMatchObject({
    name: 'ListenError',
    message: `another program listens at 127.0.0.1:${port} already; stop it, or set SEMBLANCE_PORT to another port`,
  })
})

test('the port of probes and metrics has a setting of its own', async () => {
  const { port } = await listenAt('127.0.0.1', 0)
  const opening = openOpsServer({
    host: '127.0.0.1',
    port,
    isReady: async () => true,
    renderMetrics: async () => ({ contentType: 'text/plain', body: '' }),
  } as never)
  await expect(opening).rejects.toThrow(/set SEMBLANCE_OPS_PORT to another port/)
})

test('an address that is not of this machine is told with the setting of the host', async () => {
  await expect(listenAt('192.0.2.1', 0)).rejects.toThrow(/192\.0\.2\.1 is no address.*set SEMBLANCE_HOST/)
})
