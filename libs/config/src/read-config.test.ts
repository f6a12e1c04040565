import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { ConfigError, type ConfigWarning, warningLine } from './config-error.ts'
import { bytes, durationMs, host, list, oneOf, port, url } from './fields.ts'
import { type ReadConfigOptions, readConfig } from './read-config.ts'
import { secretList, secretText } from './secret-fields.ts'
import { shownConfig } from './shown-config.ts'

const schema = z.object({
  SEMBLANCE_HOST: host().default('127.0.0.1'),
  SEMBLANCE_PORT: port().default(41_101),
  SEMBLANCE_PUBLIC_URL: url().optional(),
  SEMBLANCE_MAX_BODY: bytes({ min: 1 }).default(20_000_000),
  SEMBLANCE_SEARCH_DEADLINE_MS: durationMs().default(10_000),
  SEMBLANCE_LOG_LEVEL: oneOf(['info', 'debug']).default('info'),
  SEMBLANCE_CORS_ORIGINS: list().default([]),
  SEMBLANCE_MONGO_URL: url(['mongodb']).default('mongodb://localhost'),
  SEMBLANCE_API_KEYS: secretList().default([]),
})

const secrets = ['SEMBLANCE_MONGO_URL'] as const

const folder = mkdtempSync(join(tmpdir(), 'semblance-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

function aFile(content: string): string {
  const path = join(folder, `secret-${Math.random()}`)
  writeFileSync(path, content)
  return path
}

function read(env: Record<string, string>, options: ReadConfigOptions<typeof schema> = {}) {
  return readConfig(schema, env, { secrets, ...options })
}

function faultOf(env: Record<string, string>, options: ReadConfigOptions<typeof schema> = {}): ConfigError {
  try {
    read(env, options)
  } catch (fault) {
    if (fault instanceof ConfigError) return fault
    throw fault
  }
  throw new Error('the configuration was accepted')
}

describe('reading', () => {
  test('defaults hold with no variable set', () => {
    expect(read({})).toMatchObject({
      SEMBLANCE_HOST: '127.0.0.1',
      SEMBLANCE_PORT: 41_101,
      SEMBLANCE_API_KEYS: [],
    })
  })

  test('variables are read by their fields', () => {
    const config = read({ SEMBLANCE_PORT: '8080', SEMBLANCE_MAX_BODY: '5MB', SEMBLANCE_CORS_ORIGINS: 'a,b' })
    expect(config.SEMBLANCE_PORT).toBe(8_080)
    expect(config.SEMBLANCE_MAX_BODY).toBe(5_000_000)
    expect(config.SEMBLANCE_CORS_ORIGINS).toEqual(['a', 'b'])
    expectTypeOf(config.SEMBLANCE_PORT).toEqualTypeOf<number>()
  })

  test('an empty variable counts as not set', () => {
    expect(
      read({ SEMBLANCE_PORT: '', SEMBLANCE_API_KEYS: '', SEMBLANCE_API_KEYS_FILE: '' }).SEMBLANCE_PORT,
    ).toBe(41_101)
  })

  test('the value is frozen through and through', () => {
    const config = read({ SEMBLANCE_CORS_ORIGINS: 'a,b' })
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.SEMBLANCE_CORS_ORIGINS)).toBe(true)
  })

  test('other variables of the environment are no business of ours', () => {
    const warnings: ConfigWarning[] = []
    expect(read({ PATH: '/bin' }, { warn: (warning) => warnings.push(warning) })).not.toHaveProperty('PATH')
    expect(warnings).toEqual([])
  })
})

describe('secrets', () => {
  test('come from a file, without the newline at its end', () => {
    expect(read({ SEMBLANCE_API_KEYS_FILE: aFile('one\ntwo\r\n') }).SEMBLANCE_API_KEYS).toEqual([
      'one',
      'two',
    ])
    const mongo = aFile('mongodb://u:p@db\n')
    expect(read({ SEMBLANCE_MONGO_URL_FILE: mongo }).SEMBLANCE_MONGO_URL).toBe('mongodb://u:p@db')
  })

  test('given both ways are a problem', () => {
    const { problems } = faultOf({ SEMBLANCE_API_KEYS: 'a', SEMBLANCE_API_KEYS_FILE: aFile('b') })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatchObject({ name: 'SEMBLANCE_API_KEYS', wanted: 'only one of the two' })
  })

  test('in a file that cannot be read are a problem that names the variable and not what is in it', () => {
    const fault = faultOf({ SEMBLANCE_API_KEYS_FILE: 'hunter2-put-here-by-mistake' })
    expect(fault.problems).toHaveLength(1)
    expect(fault.problems[0]).toMatchObject({ name: 'SEMBLANCE_API_KEYS_FILE', got: '(hidden): ENOENT' })
    expect(fault.message).not.toContain('hunter2')
  })

  test('a missing required secret is reported once when its file fails', () => {
    const strict = z.object({ SEMBLANCE_TOKEN: secretText() })
    expect(() => readConfig(strict, { SEMBLANCE_TOKEN_FILE: '/nowhere' })).toThrow('has 1 problem:')
  })

  test.each([
    '',
    '\n',
    ' ,\n',
  ])('in a file without an entry are a problem, never "no keys": %j', (content) => {
    expect(faultOf({ SEMBLANCE_API_KEYS_FILE: aFile(content) }).problems).toHaveLength(1)
  })

  test('are never shown, not even when they are wrong', () => {
    const fault = faultOf({ SEMBLANCE_MONGO_URL: 'mysql://root:hunter2@db', SEMBLANCE_PORT: 'x' })
    expect(fault.problems.find(({ name }) => name === 'SEMBLANCE_MONGO_URL')?.got).toBe('(hidden)')
    expect(fault.message).not.toContain('hunter2')
  })

  test('a file is looked for beside a secret only', () => {
    const warnings: ConfigWarning[] = []
    const config = read({ SEMBLANCE_PORT_FILE: aFile('80') }, { warn: (warning) => warnings.push(warning) })
    expect(config.SEMBLANCE_PORT).toBe(41_101)
    expect(warnings.map(({ name }) => name)).toEqual(['SEMBLANCE_PORT_FILE'])
  })
})

describe('problems', () => {
  test('are reported all at once, each with name, got and wanted', () => {
    const { problems } = faultOf({
      SEMBLANCE_PORT: '70000',
      SEMBLANCE_LOG_LEVEL: 'loud',
      SEMBLANCE_MAX_BODY: 'big',
    })
    expect(problems.map(({ name, got }) => [name, got])).toEqual([
      ['SEMBLANCE_PORT', '"70000"'],
      ['SEMBLANCE_MAX_BODY', '"big"'],
      ['SEMBLANCE_LOG_LEVEL', '"loud"'],
    ])
    expect(problems[0]?.wanted).toBe('a port, 0 to 65535')
  })

  test('a missing variable is told by what it should be', () => {
    const strict = z.object({ SEMBLANCE_REDIS_URL: url(['redis', 'rediss']) })
    expect(() => readConfig(strict, {})).toThrow(
      'SEMBLANCE_REDIS_URL: not set, wanted a URL that begins with redis:// or rediss://',
    )
  })

  test('credentials in a URL are hidden, and long values cut', () => {
    const wrong = faultOf({ SEMBLANCE_PUBLIC_URL: 'ftp://u:p@ss/w@a.test', SEMBLANCE_PORT: 'x'.repeat(500) })
    expect(wrong.problems[1]?.got).toBe('"ftp://(hidden)@a.test"')
    expect(wrong.problems[0]?.got?.length).toBeLessThan(130)
  })

  test('a rule over several variables is a problem, too', () => {
    const paired = schema.refine(
      (config) => config.SEMBLANCE_HOST !== '0.0.0.0' || config.SEMBLANCE_API_KEYS.length > 0,
      {
        message: 'SEMBLANCE_HOST 0.0.0.0 needs SEMBLANCE_API_KEYS',
      },
    )
    expect(() => readConfig(paired, { SEMBLANCE_HOST: '0.0.0.0' })).toThrow(
      '\n  SEMBLANCE_HOST 0.0.0.0 needs SEMBLANCE_API_KEYS',
    )
  })

  test('several wrong entries of a list are one problem', () => {
    const ports = z.object({ SEMBLANCE_PORTS: list(port()) })
    expect(() => readConfig(ports, { SEMBLANCE_PORTS: 'a,b' })).toThrow('has 1 problem:')
  })

  test('a variable of another app in the same environment is not told', () => {
    const told: unknown[] = []
    const env = { SEMBLANCE_WORKER_LANES: 'bulk', SEMBLANCE_WORKER_LANE: 'bulk' }
    readConfig(schema, env, { readElsewhere: ['SEMBLANCE_WORKER_LANES'], warn: (one) => told.push(one) })
    expect(told).toEqual([{ name: 'SEMBLANCE_WORKER_LANE', didYouMean: 'SEMBLANCE_WORKER_LANES' }])
  })

  test('what commands that call a server read is told by no server as unknown', () => {
    const told: unknown[] = []
    const env = { SEMBLANCE_URL: 'http://h', SEMBLANCE_CLIENT_KEY: 'k', SEMBLANCE_CLIENT_KEY_FILE: '/f' }
    readConfig(schema, env, { warn: (one) => told.push(one) })
    expect(told).toEqual([])
  })

  test('a value that Kubernetes put there is explained', () => {
    const { problems } = faultOf({ SEMBLANCE_PORT: 'tcp://10.96.0.7:80' })
    expect(problems[0]?.wanted).toContain('enableServiceLinks')
  })

  test('the message is a block to be printed', () => {
    const { message } = faultOf({ SEMBLANCE_PORT: '70000', SEMBLANCE_HOSTT: 'a' })
    expect(message).toBe(
      [
        'The configuration has 1 problem and 1 unknown variable:',
        '  SEMBLANCE_PORT: got "70000", wanted a port, 0 to 65535',
        '  SEMBLANCE_HOSTT: nothing reads this variable; did you mean SEMBLANCE_HOST?',
      ].join('\n'),
    )
  })
})

describe('unknown variables', () => {
  function warningsOf(env: Record<string, string>): ConfigWarning[] {
    const warnings: ConfigWarning[] = []
    read(env, { warn: (warning) => warnings.push(warning) })
    return warnings
  }

  test.each([
    ['SEMBLANCE_PROT', 'SEMBLANCE_PORT'],
    ['SEMBLANCE_API_KEY', 'SEMBLANCE_API_KEYS'],
    ['SEMBLANCE_APIKEYS_FILE', 'SEMBLANCE_API_KEYS_FILE'],
    ['SEMBLANCE_SEARCH_DEADLINE', 'SEMBLANCE_SEARCH_DEADLINE_MS'],
    ['SEMBLANCE_FROBNICATE', null],
  ])('%s is warned of; nearest: %s', (name, didYouMean) => {
    expect(warningsOf({ [name]: 'hunter2' })).toEqual([{ name, didYouMean }])
  })

  test('the warning never shows the value', () => {
    expect(warningsOf({ SEMBLANCE_API_KEY: 'hunter2' }).map(warningLine).join()).not.toContain('hunter2')
  })

  test('what Kubernetes adds for a service of our name is passed over', () => {
    const links = {
      SEMBLANCE_GATEWAY_SERVICE_HOST: '10.96.0.7',
      SEMBLANCE_GATEWAY_SERVICE_PORT_HTTP: '80',
      SEMBLANCE_GATEWAY_PORT: 'tcp://10.96.0.7:80',
      SEMBLANCE_GATEWAY_PORT_80_TCP_ADDR: '10.96.0.7',
    }
    expect(warningsOf(links)).toEqual([])
  })
})

describe('the listing', () => {
  test('has every variable in the schema’s order, secrets hidden', () => {
    const env = { SEMBLANCE_API_KEYS: 'hunter2', SEMBLANCE_MONGO_URL: 'mongodb://u:p@db' }
    const listing = shownConfig(schema, read(env), { secrets })
    expect(Object.keys(listing)).toEqual(Object.keys(schema.shape))
    expect(listing).toMatchObject({
      SEMBLANCE_PORT: 41_101,
      SEMBLANCE_PUBLIC_URL: null,
      SEMBLANCE_MONGO_URL: '(hidden)',
      SEMBLANCE_API_KEYS: '(hidden)',
    })
  })

  test('says of a secret whether it is set', () => {
    expect(shownConfig(schema, read({}))).toMatchObject({ SEMBLANCE_API_KEYS: null })
  })

  test('hides credentials in URLs that nobody called a secret', () => {
    const listing = shownConfig(schema, read({ SEMBLANCE_MONGO_URL: 'mongodb://u:p@db' }))
    expect(listing.SEMBLANCE_MONGO_URL).toBe('mongodb://(hidden)@db')
  })

  test('knows a secret field behind default, optional and description', () => {
    const wrapped = z.object({
      SEMBLANCE_A: secretText().optional(),
      SEMBLANCE_B: secretText().describe('b').default('b'),
      SEMBLANCE_C: secretText().pipe(z.string().min(2)),
    })
    const env = { SEMBLANCE_A: 'aa', SEMBLANCE_B: 'bb', SEMBLANCE_C: 'cc' }
    expect(Object.values(shownConfig(wrapped, readConfig(wrapped, env)))).toEqual(Array(3).fill('(hidden)'))
  })
})
