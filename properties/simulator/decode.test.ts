import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePlan } from './decode.ts'
import { encodePlan } from './encode.ts'
import { PlanError } from './errors.ts'
import { FAULT_LEVELS } from './faults/levels.ts'
import { generatePlan } from './generate.ts'
import type { Plan } from './plan.ts'

const drawn = fc
  .record({
    seed: fc.nat(),
    hosts: fc.integer({ min: 1, max: 20 }),
    routers: fc.nat(3),
    others: fc.nat(19),
    faults: fc.constantFrom(...FAULT_LEVELS),
    attacks: fc.boolean(),
  })
  .map(({ others, ...of }) => generatePlan({ ...of, instances: Math.max(1, of.hosts - 1 - others) }))

test('every generated plan decodes to itself', () => {
  fc.assert(
    fc.property(drawn, plan => {
      expect(decodePlan(encodePlan(plan))).toEqual(plan)
    }),
  )
})

const plan = generatePlan({ seed: 3, hosts: 2, faults: 'mild' })
const connect = { atMs: 0, do: 'connect', flow: 0, host: 0, from: 0, to: 1, via: 0, protocol: 'stream' }
const text = (change: object): string => encodePlan({ ...plan, ...change } as Plan)

const attack = { atMs: 0, do: 'attack', host: 1, address: 0, kind: 'flood', packets: 9, seed: 1 }

test.each<[string, string, RegExp]>([
  [
    'an attack of nothing',
    text({ actions: [{ ...attack, packets: 0 }] }),
    /^PLAN_RANGE: actions\[0\]\.packets is 0/,
  ],
  [
    'a path that carries nothing',
    text({ actions: [{ atMs: 0, do: 'narrow', host: 0, to: 1, bytes: 527 }] }),
    /^PLAN_RANGE: actions\[0\]\.bytes is 527; give 528 to 65535/,
  ],
  ['an attack on nobody', text({ actions: [{ ...attack, host: 2 }] }), /^PLAN_NAME: actions\[0\]\.host is 2/],
  ['no JSON', '{"format": 1', /^PLAN_JSON: .*cut off/],
  ['another version', text({ format: 7 }), /^PLAN_VERSION: .*format 7.*format 1/],
  ['a missing part', text({ seed: undefined }), /^PLAN_SHAPE: seed is missing/],
  ['a wrong part', text({ faults: { ...plan.faults, loss: 2 } }), /^PLAN_SHAPE: faults\.loss is 2/],
  ['a wrong action', text({ actions: [{ ...connect, host: -1 }] }), /^PLAN_SHAPE: actions\[0\]/],
  ['too many hosts', text({ hosts: 1000 }), /^PLAN_RANGE: hosts is 1000; give 1 to 64/],
  [
    'no order',
    text({
      actions: [
        { ...connect, atMs: 9 },
        { atMs: 3, do: 'crash', host: 0, keepsSecret: true },
      ],
    }),
    /^PLAN_RANGE: actions\[1\]\.atMs is 3/,
  ],
  ['more instances than hosts', text({ instances: 3 }), /^PLAN_RANGE: instances is 3; give 1 to 2/],
  [
    'a router whose address another has',
    text({ routers: 2, actions: [{ atMs: 0, do: 'reassign', host: 3, address: 0, to: 0 }] }),
    /^PLAN_NAME: actions\[0\]\.host is 3/,
  ],
  ['an unknown host', text({ actions: [{ ...connect, to: 5 }] }), /^PLAN_NAME: actions\[0\]\.to is 5/],
  [
    'an unknown flow',
    text({ actions: [{ atMs: 0, do: 'finish', flow: 4, end: 'client' }] }),
    /^PLAN_NAME: .*flow 4 has not begun/,
  ],
  ['a flow twice', text({ actions: [connect, connect] }), /^PLAN_NAME: .*flow 0 has begun already/],
  [
    'an empty write',
    text({ actions: [connect, { atMs: 0, do: 'write', flow: 0, end: 'client', bytes: 0 }] }),
    /^PLAN_RANGE: .*bytes is 0/,
  ],
])('%s is rejected in a sentence', (_what, input, message) => {
  expect(() => decodePlan(input)).toThrow(message)
})

test('every malformed text is rejected with a code', () => {
  const spoilt = fc
    .tuple(drawn.map(encodePlan), fc.nat(), fc.string({ maxLength: 4 }), fc.nat(3))
    .map(([whole, at, put, less]) => {
      const place = at % whole.length
      return whole.slice(0, place) + put + whole.slice(place + less)
    })
  const rejected = (input: string): boolean => {
    try {
      decodePlan(input)
      return true
    } catch (error) {
      return error instanceof PlanError && error.message.startsWith(error.code)
    }
  }
  fc.assert(fc.property(fc.oneof(spoilt, fc.json(), fc.string()), rejected), { numRuns: 500 })
})
