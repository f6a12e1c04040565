import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { addUpdateCommand, type UpdateOptions, updateBody } from './update-person.ts'

/** What the options of a command line ask for. */
function bodyOf(...args: readonly string[]): unknown {
  const persons = new Command()
  addUpdateCommand(persons)
  const update = persons.commands[0] as Command
  let body = ''
  update.action((_id: string, options: UpdateOptions) => {
    body = updateBody(options)
  })
  persons.parse(['update', 'ID', ...args], { from: 'user' })
  return JSON.parse(body)
}

describe('persons update', () => {
  it('sends what was given, and nothing else', () => {
    expect(bodyOf('--name', 'Ada')).toEqual({ name: 'Ada' })
    expect(bodyOf('--external-id', 'a-1', '--group', 'x', '--group', 'y')).toEqual({
      externalId: 'a-1',
      groups: ['x', 'y'],
    })
    expect(bodyOf('--metadata', '{"desk":7}')).toEqual({ metadata: { desk: 7 } })
  })

  it('takes the external id and the expiry away', () => {
    expect(bodyOf('--no-external-id', '--no-expire-at')).toEqual({ externalId: null, expireAt: null })
  })

  it('refuses to change nothing, and an empty external id', () => {
    expect(() => bodyOf()).toThrow('give what is to change')
    expect(() => bodyOf('--external-id', '')).toThrow('--no-external-id takes it away')
  })
})
