import { storeUnavailable } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { deferredPort } from './deferred-port.ts'

interface Greeter {
  readonly name: string
  greet(whom: string): Promise<string>
}

class RealGreeter implements Greeter {
  readonly name = 'Ada'
  readonly #greeting = 'Hello'
  async greet(whom: string): Promise<string> {
    return `${this.#greeting} ${whom}`
  }
}

describe('late port', () => {
  it('refuses every call until its adapter is there', async () => {
    const { port } = deferredPort<Greeter>(storeUnavailable)
    await expect(port.greet('Bob')).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE', retryable: true })
  })

  it('passes calls and properties on from then', async () => {
    const { port, arrive } = deferredPort<Greeter>(storeUnavailable)
    arrive(new RealGreeter())
    expect(await port.greet('Bob')).toBe('Hello Bob')
    expect(port.name).toBe('Ada')
  })

  it('does not pass for a promise', async () => {
    const { port } = deferredPort<Greeter>(storeUnavailable)
    expect(await Promise.resolve(port)).toBe(port)
  })
})
