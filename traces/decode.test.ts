import fc from 'fast-check'
import { expect, test } from 'vitest'
import { must } from '../checker/text/at.ts'
import { decode } from '../checker/trace/decode.ts'
import { encode } from '../checker/trace/encode.ts'
import { TraceError } from '../checker/trace/errors.ts'
import { follow, moving, superseded } from './testing/sample.ts'

const violation = { id: '19', kind: 'invariant' } as const
const trace = follow(superseded, 'credulous', { violation, seed: 7, source: 'fuzz' })
const text = encode(trace)

test('decode reverses encode, and encoding again gives the same text', () => {
  expect(decode(text)).toEqual(trace)
  expect(encode(decode(text))).toBe(text)
  expect(encode(decode(JSON.stringify(trace)))).toBe(text)
})

test('encode writes one line for each step, with its parts in a fixed order', () => {
  const lines = text.split('\n').filter(line => line.startsWith('    {"index":'))
  expect(lines).toHaveLength(trace.steps.length)
  expect(lines[0]).toBe(
    '    {"index":1,"rule":"connect","choice":"connect client","who":"client","event":"CONNECT",' +
      '"sent":[{"kind":"SYN","from":1,"to":3,"srcFlow":1,"dstFlow":0,"verno":14,"ackno":0,"nonce":1,"fin":0}],' +
      '"fired":["flow connection.INIT CONNECT"],' +
      '"changes":{"client.connection":["INIT","REQUEST"],"client.localFlow":[0,1],"client.localNonce":[0,1],' +
      '"client.local":[0,1],"client.peer":[0,3],"client.sndNxt":[0,15],"client.owed":[0,1]},"failed":[]},',
  )
})

type Loose = Record<string, unknown> & { steps: Record<string, unknown>[]; bounds: Record<string, unknown> }

const edited = (change: (trace: Loose) => unknown): string => {
  const copy: Loose = JSON.parse(text)
  change(copy)
  return JSON.stringify(copy)
}

test.each<[string, string, RegExp]>([
  ['cut off', text.slice(0, -40), /^TRACE_JSON: .*cut off/],
  ['empty', '', /^TRACE_JSON/],
  ['an array', '[]', /^TRACE_SHAPE/],
  ['null', 'null', /^TRACE_SHAPE: the file is null/],
  ['version 2', edited(t => Object.assign(t, { format: 2 })), /^TRACE_VERSION: .*format 2.*format 1/],
  ['no version', edited(t => delete t.format), /^TRACE_SHAPE: format is missing/],
  ['no steps', edited(t => delete (t as Partial<Loose>).steps), /^TRACE_SHAPE: steps is missing/],
  ['no choice', edited(t => delete must(t.steps[3]).choice), /^TRACE_SHAPE: steps\[3\]\.choice is missing/],
  [
    'a choice that is a number',
    edited(t => Object.assign(must(t.steps[3]), { choice: 4 })),
    /^TRACE_SHAPE: steps\[3\]\.choice is 4 and should be string/,
  ],
  [
    'a fraction',
    edited(t => Object.assign(t.bounds, { capacity: 1.5 })),
    /^TRACE_SHAPE: bounds\.capacity is 1.5 and should be an integer/,
  ],
  [
    'an unknown source',
    edited(t => Object.assign(t, { source: 'dream' })),
    /^TRACE_SHAPE: source is "dream" and should be "check" \| "fuzz" \| "hand"/,
  ],
  [
    'a step left out',
    edited(t => t.steps.splice(2, 1)),
    /^TRACE_SHAPE: steps\[2\]\.index is 4 and should be 3/,
  ],
  [
    'a violation without a property',
    edited(t => delete t.invariant),
    /^TRACE_SHAPE: .*give invariant and kind/,
  ],
])('%s is rejected with a code', (_what, bad, message) => {
  expect(() => decode(bad)).toThrow(message)
})

/** Decodes a text. Throws only errors that are not of the closed set. */
const decodesOrRejects = (given: string): void => {
  try {
    decode(given)
  } catch (error) {
    if (!(error instanceof TraceError)) throw error
  }
}

test('decode rejects every malformed text with a TraceError', () => {
  fc.assert(fc.property(fc.nat(text.length), at => decodesOrRejects(text.slice(0, at))))
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), fc.nat(3), (at, put, gone) =>
      decodesOrRejects(text.slice(0, at) + put + text.slice(at + gone)),
    ),
  )
  fc.assert(fc.property(fc.json(), decodesOrRejects))
})

test('decode rejects every misplaced value in a trace with a TraceError', () => {
  const short = encode(follow(moving))
  const places = [...placesIn(JSON.parse(short))]
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue(), (path, value) => {
      const copy = JSON.parse(short)
      const parent = path.slice(0, -1).reduce((at, key) => at[key], copy)
      parent[must(path.at(-1))] = value
      decodesOrRejects(JSON.stringify(copy))
    }),
    { numRuns: 200 },
  )
})

function* placesIn(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) yield* placesIn(inner, [...path, key])
}
