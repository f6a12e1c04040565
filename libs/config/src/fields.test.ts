import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  boolean,
  bytes,
  decimal,
  durationMs,
  type Field,
  host,
  integer,
  list,
  oneOf,
  port,
  text,
  url,
} from './fields.ts'
import { secretList, secretText } from './secret-fields.ts'

const REFUSED = Symbol('refused')

function read(field: Field<unknown>, given: string): unknown {
  const { success, data } = field.safeParse(given)
  return success ? data : REFUSED
}

const accepted: readonly (readonly [string, Field<unknown>, string, unknown])[] = [
  ['port', port(), '41101', 41_101],
  ['port', port(), ' 0 ', 0],
  ['port', port(), '65535', 65_535],
  ['host', host(), '127.0.0.1', '127.0.0.1'],
  ['host', host(), '::', '::'],
  ['host', host(), 'semblance-gateway.ns.svc', 'semblance-gateway.ns.svc'],
  ['integer', integer(), '-3', -3],
  ['decimal', decimal({ min: 0, max: 2 }), '1.25', 1.25],
  ['decimal', decimal(), '1e-5', 0.00001],
  ['duration', durationMs(), '1500', 1_500],
  ['duration', durationMs(), '250ms', 250],
  ['duration', durationMs(), '1.5s', 1_500],
  ['duration', durationMs(), '2 m', 120_000],
  ['duration', durationMs(), '1H', 3_600_000],
  ['duration', durationMs(), '1d', 86_400_000],
  ['bytes', bytes(), '20000000', 20_000_000],
  ['bytes', bytes(), '20MB', 20_000_000],
  ['bytes', bytes(), '20 mb', 20_000_000],
  ['bytes', bytes(), '1.5KiB', 1_536],
  ['bytes', bytes(), '2GiB', 2_147_483_648],
  ['boolean', boolean(), 'TRUE', true],
  ['boolean', boolean(), 'off', false],
  ['boolean', boolean(), '1', true],
  ['choice', oneOf(['info', 'debug']), 'debug', 'debug'],
  ['url', url(), 'https://a.test/b/', 'https://a.test/b'],
  ['url', url(['mongodb']), 'mongodb://u:p@a:1,b:2/db', 'mongodb://u:p@a:1,b:2/db'],
  ['list', list(), ' a, b ,,c', ['a', 'b', 'c']],
  ['list', list(), ',', []],
  ['list of', list(integer()), '1,2', [1, 2]],
  ['text', text(), ' a b ', 'a b'],
  ['secret', secretText(), 'p@ss, word', 'p@ss, word'],
  ['secrets', secretList(), 'one, two\nthree\n', ['one', 'two', 'three']],
]

const refused: readonly (readonly [string, Field<unknown>, string])[] = [
  ['port', port(), '65536'],
  ['port', port(), '-1'],
  ['port', port(), '80.5'],
  ['port', port(), '0x50'],
  ['port', port(), 'tcp://10.0.0.1:80'],
  ['host', host(), 'http://a.test'],
  ['host', host(), 'a b'],
  ['host', host(), '-a'],
  ['integer', integer({ min: 1 }), '0'],
  ['integer', integer(), '9007199254740993'],
  ['decimal', decimal({ min: 0, max: 2 }), '2.01'],
  ['decimal', decimal(), 'NaN'],
  ['decimal', decimal(), 'Infinity'],
  ['duration', durationMs(), '10 parsecs'],
  ['duration', durationMs(), '-5s'],
  ['duration longer than any timer', durationMs(), '30d'],
  ['duration', durationMs({ min: 100 }), '99'],
  ['bytes', bytes(), '20 apples'],
  ['bytes', bytes(), 'MB'],
  ['bytes', bytes({ max: 1_000 }), '1KiB'],
  ['boolean', boolean(), 'maybe'],
  ['boolean named like a built-in', boolean(), 'constructor'],
  ['choice', oneOf(['info', 'debug']), 'Info'],
  ['url', url(), 'ftp://a.test'],
  ['url', url(), 'a.test'],
  ['url', url(), 'http://'],
  ['url', url(), 'http://a.test:99999'],
  ['url', url(['redis', 'rediss']), 'redis://a b'],
  ['list of', list(integer()), '1,two'],
  ['secrets', secretList(), ' , ,'],
]

describe('fields', () => {
  test.each(accepted)('a %s is read from its text: %#', (_name, field, ...[given, value]) => {
    expect(read(field, given)).toEqual(value)
  })

  test.each(refused)('what is no %s is refused: %#', (_name, field, given) => {
    expect(read(field, given)).toBe(REFUSED)
  })

  test('a wrong entry of a list is told by what an entry should be', () => {
    const { error } = list(port()).safeParse('80,http')
    expect(error?.issues[0]?.message).toBe('a list, separated by commas, each a port, 0 to 65535')
  })

  test('a range is part of what is wanted', () => {
    const wanted = (field: Field<unknown>) => field.safeParse('x').error?.issues[0]?.message
    expect(wanted(integer({ min: 1, max: 8 }))).toBe('a whole number, 1 to 8')
    expect(wanted(decimal({ min: 0 }))).toBe('a number, at least 0')
    expect(wanted(bytes({ max: 10 }))).toMatch(/, at most 10 bytes$/)
  })

  test('no text makes a field throw, and what is read keeps its promise', () => {
    const sizes = fc
      .tuple(fc.double(), fc.constantFrom('', 'KB', 'MiB', 's', 'm'))
      .map(([n, unit]) => `${n}${unit}`)
    fc.assert(
      fc.property(fc.oneof(fc.string(), sizes), (given) => {
        for (const field of [port(), integer(), bytes(), durationMs()]) {
          const value = read(field, given)
          if (value !== REFUSED) expect(Number.isSafeInteger(value)).toBe(true)
        }
      }),
    )
  })

  test('types follow the field', () => {
    expectTypeOf(list(port()).parse('1')).toEqualTypeOf<readonly number[]>()
    expectTypeOf(oneOf(['a', 'b']).parse('a')).toEqualTypeOf<'a' | 'b'>()
  })
})
