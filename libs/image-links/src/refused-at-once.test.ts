import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dialPinned } from './dial.ts'
import { closeAll, links, reasonOf, serve } from './testing/link-rig.ts'

/** Linux connects no TCP to everybody: it refuses these before `connect` has returned, whatever routes the machine has. */
const REFUSED_AT_ONCE = ['255.255.255.255', 'ff0e::1']

/** A name with a certificate to check, and a literal address; over TLS and without. */
const LINKS = ['https://away.test/', 'http://away.test/', 'https://255.255.255.255/', 'https://[ff0e::1]/']
const ALLOW = ['away.test', '255.255.255.255', '[ff0e::1]']

afterEach(closeAll)

describe('a target that the kernel refuses at once', () => {
  let uncaught: unknown[]
  const note = (fault: unknown) => void uncaught.push(fault)
  beforeEach(() => {
    uncaught = []
    process.on('uncaughtException', note)
    return () => process.off('uncaughtException', note)
  })

  /** Until whatever was emitted meanwhile has been heard. */
  const settle = () => new Promise((resolve) => setTimeout(resolve, 20))

  test.each(
    REFUSED_AT_ONCE.flatMap((address) => LINKS.map((link) => [link, address] as const)),
  )('makes its link unreachable and nothing else: %s at %s', async (link, address) => {
    const fetcher = links({ allow: ALLOW, lookupAllowListed: async () => [address] })
    expect(await reasonOf(fetcher, link)).toBe('unreachable')
    await settle()
    expect(uncaught).toEqual([])
  })

  test('is unreachable at the end of a redirect, too', async () => {
    const { port } = await serve((_request, response) =>
      response.writeHead(302, { location: 'https://away.test/' }).end(),
    )
    const lookupAllowListed = async (host: string) => [host === 'away.test' ? '255.255.255.255' : '127.0.0.1']
    const fetcher = links({ allow: [port, 'away.test'], lookupAllowListed })
    expect(await reasonOf(fetcher, `http://pictures.test:${port}/`)).toBe('unreachable')
    await settle()
    expect(uncaught).toEqual([])
  })

  test('has a socket whose error is heard from the first moment', () => {
    const target = { url: new URL('https://a.test'), host: 'a.test', port: 443, isSecure: true }
    const socket: Socket = dialPinned({ ...target, isAllowListed: true }, ['255.255.255.255'])
    expect(socket.listenerCount('error')).toBeGreaterThan(0)
    socket.destroy()
  })

  test('whose dial throws makes its link unreachable', async () => {
    const dial = () => {
      throw new TypeError('half-way')
    }
    expect(await reasonOf(links({ allow: ['away.test'], dial }), 'http://away.test/')).toBe('unreachable')
  })
})
