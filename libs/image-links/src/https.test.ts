import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { closeAll, closers, links, PICTURE, reasonOf, serve, serveRaw } from './testing/link-rig.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) process.stdout.write('skipped: https links, for want of openssl to make a certificate\n')

let identity: { key: Buffer; cert: Buffer }

/** A fresh certificate for pictures.test, trusted by this test file only. */
function makeIdentity(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'semblance-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = ['-subj', '/CN=pictures.test', '-addext', 'subjectAltName=DNS:pictures.test']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...names], {
    stdio: 'ignore',
  })
  const made = { key: readFileSync(key), cert: readFileSync(cert) }
  rmSync(folder, { recursive: true })
  return made
}

async function serveTls(listener: RequestListener): Promise<number> {
  const server = createServer(identity, listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

afterEach(closeAll)

describe.runIf(hasOpenssl)('https', () => {
  beforeAll(() => {
    identity = makeIdentity()
    setDefaultCACertificates([...getCACertificates('default'), identity.cert.toString()])
  })

  test('a host is fetched at its pinned address, its certificate checked against its name', async () => {
    const port = await serveTls((_request, response) => response.end(PICTURE))
    const outcome = await links({ allow: [port] }).fetch(`https://pictures.test:${port}/`)
    expect(outcome).toMatchObject({ outcome: 'fetched', bytes: PICTURE })
  })

  test('a certificate of another name makes the host unreachable', async () => {
    const port = await serveTls((_request, response) => response.end(PICTURE))
    const fetcher = links({ allow: [`other.test:${port}`, `127.0.0.1:${port}`] })
    expect(await reasonOf(fetcher, `https://other.test:${port}/`)).toBe('unreachable')
    expect(await reasonOf(fetcher, `https://127.0.0.1:${port}/`)).toBe('unreachable')
  })

  test('no environment variable switches the check of certificates off', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    closers.push(async () => delete process.env.NODE_TLS_REJECT_UNAUTHORIZED)
    const port = await serveTls((_request, response) => response.end(PICTURE))
    expect(await reasonOf(links({ allow: [`other.test:${port}`] }), `https://other.test:${port}/`)).toBe(
      'unreachable',
    )
  })

  test('a redirect from https to http is refused, and the http server never asked', async () => {
    let hits = 0
    const plain = await serve((_request, response) => {
      hits += 1
      response.end(PICTURE)
    })
    const location = `http://pictures.test:${plain.port}/`
    const port = await serveTls((_request, response) => response.writeHead(302, { location }).end())
    const fetcher = links({ allow: [port, plain.port] })
    expect(await reasonOf(fetcher, `https://pictures.test:${port}/`)).toBe('unsupported-scheme')
    expect(hits).toBe(0)
  })

  test('a handshake that never ends is given up by the deadline', async () => {
    const port = await serveRaw(() => undefined)
    const outcome = await reasonOf(links({ allow: [port], timeoutMs: 150 }), `https://pictures.test:${port}/`)
    expect(outcome).toBe('timeout')
  })
})
