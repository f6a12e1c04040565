/** Stands in every text that is sent as a value, so that an answer which repeats a value shows. */
export const SECRET = 'qzxjkv'
const LONG = SECRET.repeat(2_000)

/** JSON texts by the kind of their value: what is sent in place of each field of a body. */
export const WRONG_JSON = {
  null: ['null'],
  boolean: ['true', 'false'],
  number: ['0', '-0', '-1', '1.5', '1e3', '1e999', '-1e999', '9007199254740993', '-2147483649'],
  string: [
    '""',
    '" "',
    '"NaN"',
    '"-1"',
    '"__proto__"',
    '"constructor"',
    '"\\ud800"',
    '"\\u0000"',
    '"data:image/png;base64,"',
    `"${SECRET}"`,
    `"${SECRET}-!"`,
    `"${LONG}"`,
  ],
  array: ['[]', '[null]', `["${SECRET}"]`, '[[[]]]', '[{}]', '[-1, -1, -1]', '[1, 2, 3, 4, 5]'],
  object: [
    '{}',
    `{"${SECRET}": "${SECRET}"}`,
    '{"__proto__": {"name": 1}}',
    '{"length": 3}',
    '{"content": 5, "imageUrl": {}}',
    `{"content": "${SECRET}-!", "metadata": 1}`,
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type JsonKind = keyof typeof WRONG_JSON

export const WRONG_BODIES: readonly string[] = [
  'null',
  '5',
  'true',
  `"${SECRET}"`,
  '[]',
  `["${SECRET}"]`,
  `{"${SECRET}`,
  SECRET,
  '{"a": 1,}',
  '{"metadata": {"a": 1, "a": 2}}',
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  '\u0000',
]

export const WRONG_QUERIES: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  '1.5',
  '1e3',
  'NaN',
  'Infinity',
  'null',
  'true',
  '[]',
  '{}',
  '__proto__',
  '9'.repeat(400),
  '\u0661',
  '\u0000',
  SECRET,
  LONG.slice(0, 6_000),
]

/** Texts of form parts. They become JSON values by their looks. */
export const WRONG_PARTS: readonly string[] = ['', ' ', '-1', 'null', 'x', SECRET, '[1]', '{"__proto__": []}']

export const WRONG_IDS: readonly string[] = [
  ...WRONG_QUERIES.filter((text) => text.trim() !== ''),
  'a/b',
  '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e770',
]
