import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { semblanceProgram } from './program.ts'

interface Named {
  readonly name: string
  readonly command: Command
}

/** They run until they are stopped, and have no result. */
const WITHOUT_RESULT: readonly string[] = ['start', 'gateway', 'worker', 'dev-cluster']

const commands = runnable({ name: '', command: await semblanceProgram() })

it('has every command that is known', () => {
  expect(commands.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['search', 'persons list', 'redescribe', 'redescribe status', 'dev-cluster']),
  )
})

it.each(commands)('$name has --json, unless it runs until it is stopped', ({ name, command }) => {
  const hasJson = command.options.some(({ long }) => long === '--json')
  expect(hasJson).toBe(!WITHOUT_RESULT.includes(name))
})

it.each(commands)('the help of $name has an example of it', ({ name, command }) => {
  expect(helpOf(command)).toMatch(new RegExp(`\\nExamples?:\\n  semblance ${name}\\b`))
})

/** The commands that do something: a group such as `persons` alone is wrong use. */
function runnable({ name, command }: Named): readonly Named[] {
  const inner = command.commands.flatMap((one) =>
    runnable({ name: `${name} ${one.name()}`.trim(), command: one }),
  )
  // One that has others below it, and does something itself, has options of its own.
  const doesSomething = command.commands.length === 0 || command.options.length > 0
  return doesSomething && name !== '' ? [{ name, command }, ...inner] : inner
}

/** With what is added after the options. */
function helpOf(command: Command): string {
  let help = ''
  command.configureOutput({ writeOut: (text) => (help += text) })
  command.outputHelp()
  return help
}
