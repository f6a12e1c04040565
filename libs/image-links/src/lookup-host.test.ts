import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { dnsLookup, lookupBySystem } from './lookup-host.ts'
import { closeAll, closers, links, reasonOf } from './testing/link-rig.ts'

afterEach(closeAll)

/** DNS record types (RFC 1035, RFC 3596). */
const A = 1

type Zone = (name: string, asked: number) => string | null

/** A name server on loopback that answers A questions with an IPv4 address of the zone, or with nothing, with a code, or not at all. */
async function serveNames(zone: Zone | number | 'silent') {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  closers.push(async () => socket.close())
  const questions: string[] = []
  socket.on('message', (query, peer) => {
    const name = nameIn(query)
    const type = query.readUInt16BE(query.length - 4)
    questions.push(`${type === A ? 'A' : 'AAAA'} ${name}`)
    if (zone === 'silent') return
    if (typeof zone === 'number') {
      socket.send(refusalTo(query, zone), peer.port, peer.address)
      return
    }
    const address = type === A ? zone(name, questions.filter((asked) => asked === `A ${name}`).length) : null
    socket.send(answerTo(query, address), peer.port, peer.address)
  })
  return { server: `127.0.0.1:${socket.address().port}`, socket, questions }
}

function nameIn(query: Buffer): string {
  const labels: string[] = []
  for (let at = 12; query[at] !== 0; at += 1 + query[at]!)
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!))
  return labels.join('.').toLowerCase()
}

function answerTo(query: Buffer, address: string | null): Buffer {
  const head = Buffer.from(query)
  // A final answer with recursion available, one record or none; the question is repeated as it came.
  head.writeUInt16BE(0x8180, 2)
  head.writeUInt16BE(address === null ? 0 : 1, 6)
  head.writeUInt16BE(0, 10)
  if (address === null) return head
  const pointerToName = [0xc0, 12]
  return Buffer.concat([
    head,
    Buffer.from([...pointerToName, 0, A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  ])
}

/** `code` is an RCODE: RFC 1035, section 4.1.1. */
function refusalTo(query: Buffer, code: number): Buffer {
  const answer = answerTo(query, null)
  answer.writeUInt16BE(0x8180 + code, 2)
  return answer
}

describe('asking name servers', () => {
  test('gives the addresses of a host', async () => {
    const { server } = await serveNames(() => '8.8.8.8')
    const { signal } = new AbortController()
    expect(await dnsLookup([server])('pictures.test', { signal })).toEqual(['8.8.8.8'])
  })

  test('gives nothing for a host that has none', async () => {
    const { server } = await serveNames(() => null)
    const { signal } = new AbortController()
    expect(await dnsLookup([server])('nothing.test', { signal })).toEqual([])
  })

  test.each([
    ['no such name', 3, 'unknown-host'],
    ['that it failed', 2, 'unreachable'],
    ['that it may not', 5, 'unreachable'],
  ])('is told %s', async (_what, code, reason) => {
    const { server } = await serveNames(code)
    expect(await reasonOf(links({ lookup: dnsLookup([server]) }), 'http://pictures.test/')).toBe(reason)
  })

  test('ends with the signal while a name server is silent', async () => {
    const { server, socket } = await serveNames('silent')
    const caller = new AbortController()
    const asking = dnsLookup([server])('slow.test', { signal: caller.signal })
    await once(socket, 'message')
    caller.abort()
    await expect(asking).rejects.toThrow()
  })

  test('a record that changes to loopback between two questions is asked for once', async () => {
    const { server, questions } = await serveNames((_name, asked) => (asked === 1 ? '8.8.8.8' : '127.0.0.1'))
    const dialled: string[] = []
    const fetcher = links({
      lookup: dnsLookup([server]),
      dial: (_target, addresses) => {
        dialled.push(...addresses)
        throw new Error('enough')
      },
    })
    await fetcher.fetch('http://rebind.test/')
    expect(questions.toSorted()).toEqual(['A rebind.test', 'AAAA rebind.test'])
    expect(dialled).toEqual(['8.8.8.8'])
  })

  test('a public name that is set to a private address is refused', async () => {
    const { server } = await serveNames(() => '169.254.169.254')
    expect(await reasonOf(links({ lookup: dnsLookup([server]) }), 'http://metadata.test/')).toBe(
      'address-not-allowed',
    )
  })
})

test('asking the system knows names of this machine', async () => {
  const { signal } = new AbortController()
  expect(await lookupBySystem('localhost', { signal })).toContain('127.0.0.1')
})
