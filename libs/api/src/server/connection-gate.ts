import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { turns } from '@semblance/core'

/** Asked on one connection and not answered; clients that ask ahead do so by tens. */
const MAX_OUTSTANDING = 100
/** Asked ahead of their turn on all connections together, a few kilobytes each. */
const MAX_WAITING = 4_000

interface Asked {
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

/** The requests of one connection, in order; the first one is being answered. */
type Line = Asked[]

/**
 * Answers the requests of a connection one after the other, each once the caller has taken the answer before it: else a few
 * kilobytes of requests sent ahead would make gigabytes of answers. Whoever asks further ahead than any client does is
 * hung up on.
 */
export function oneAtATime(answer: RequestListener): RequestListener {
  const lines = new WeakMap<Socket, Line>()
  let waiting = 0

  const lineOf = (socket: Socket): Line => {
    const known = lines.get(socket)
    if (known !== undefined) return known
    const line: Line = []
    lines.set(socket, line)
    socket.once('close', () => {
      waiting -= Math.max(line.length - 1, 0)
      line.length = 0
    })
    return line
  }

  const begin = (line: Line, { req, res }: Asked) => {
    res.once('close', () => {
      if (line.shift() === undefined) return
      const [next] = line
      if (next === undefined) return
      waiting -= 1
      begin(line, next)
    })
    // Spread over turns: a thousand connections that ask at once are not answered in one.
    turns.run(() => {
      if (!req.socket.destroyed) answer(req, res)
    })
  }

  return (req, res) => {
    const { socket } = req
    if (socket.destroyed) return
    const line = lineOf(socket)
    const asked = { req, res }
    line.push(asked)
    if (line.length === 1) return begin(line, asked)
    waiting += 1
    if (line.length > MAX_OUTSTANDING || waiting > MAX_WAITING) socket.destroy()
  }
}
