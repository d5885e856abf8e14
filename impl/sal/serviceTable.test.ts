import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ServiceError } from './serviceErrors.ts'
import { exactPrefixOf, prefixOfId, SERVICE_BYTES, type ServicePrefix, servicePrefixOf } from './serviceId.ts'
import {
  PRIORITY_LIMIT,
  RULES_LIMIT,
  ServiceTable,
  TARGETS_LIMIT,
  type Target,
  WEIGHT_LIMIT,
} from './serviceTable.ts'

interface Line {
  readonly prefix: ServicePrefix
  readonly target: Target<number>
  readonly priority: number
  readonly weight: number
}

/** Few enough that they meet: two families of serviceIDs, cut at borders of bytes and next to them. */
const id = fc
  .record({ first: fc.constantFrom(0, 0xff), flip: fc.option(fc.constantFrom(0, 7, 8, 9, 254, 255)) })
  .map(({ first, flip }) => {
    const bytes = new Uint8Array(SERVICE_BYTES).fill(first)
    if (flip !== null) bytes[flip >> 3]! ^= 0x80 >> (flip & 7)
    return bytes
  })
const bitLengths = fc.constantFrom(0, 1, 7, 8, 9, 32, 250, 255, 256)
const prefix = fc.tuple(id, bitLengths).map(([bytes, bits]) =>
  prefixOfId(
    bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i)))),
    bits,
  ),
)
const target: fc.Arbitrary<Target<number>> = fc.oneof(
  fc.constantFrom<Target<number>>({ kind: 'delay' }, { kind: 'drop' }),
  fc.integer({ min: 1, max: 3 }).map(listener => ({ kind: 'demux', listener }) as const),
  fc.integer({ min: 1, max: 3 }).map(address => ({ kind: 'forward', address }) as const),
)
const priority = fc.constantFrom(0, 1, 32_000, PRIORITY_LIMIT)
const weight = fc.constantFrom(0, 0, 1, 2, 3, 1024, WEIGHT_LIMIT)
const line: fc.Arbitrary<Line> = fc.record({ prefix, target, priority, weight })
const pick = fc.oneof(
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  fc.constantFrom(0, 0.5, 1 - 2 ** -53),
)

/** Much about few prefixes, so that rules meet. */
const acts = fc.array(prefix, { minLength: 1, maxLength: 4 }).chain(few => {
  const prefix = fc.constantFrom(...few)
  const act = fc.oneof(
    line.chain(each => prefix.map(prefix => ({ act: 'add' as const, ...each, prefix }))),
    fc.record({ act: fc.constant('remove' as const), prefix, target }),
    fc.record({
      act: fc.constant('resolve' as const),
      id: fc.oneof(
        id,
        prefix.map(each => each.id),
      ),
      pick,
    }),
  )
  return fc.array(act, { maxLength: 60, size: 'max' })
})

const matches = ({ id, bits }: ServicePrefix, other: Uint8Array): boolean => {
  for (let bit = 0; bit < bits; bit++)
    if (((id[bit >> 3]! ^ other[bit >> 3]!) >> (7 - (bit % 8))) & 1) return false
  return true
}
const nameOf = ({ prefix, target }: Pick<Line, 'prefix' | 'target'>): string =>
  JSON.stringify([prefix.text, target])

/** What protocol and comments say, in the order in which they say it. Weights as exact integers. */
function naive(lines: readonly Line[], other: Uint8Array, at: number): Target<number> | undefined {
  const matching = lines.filter(one => one.weight > 0 && matches(one.prefix, other))
  const bits = Math.max(...matching.map(one => one.prefix.bits))
  const longest = matching.filter(one => one.prefix.bits === bits)
  const highest = Math.max(...longest.map(one => one.priority))
  const set = longest.filter(one => one.priority === highest)
  const total = set.reduce((sum, one) => sum + one.weight, 0)
  return set.find((_, i) => at * total < set.slice(0, i + 1).reduce((sum, one) => sum + one.weight, 0))
    ?.target
}

const filled = (lines: readonly Line[]): ServiceTable<number> => {
  const table = new ServiceTable<number>()
  for (const each of lines) table.add(each.prefix, each.target, each.priority, each.weight)
  return table
}

/** Prefix and target once each; the order in which they came first. */
const lines = fc.uniqueArray(line, { selector: nameOf, maxLength: 12 })

test('resolves as the naive reference does, whatever was added and removed (invariants 43, 48)', () => {
  fc.assert(
    fc.property(acts, acts => {
      const table = new ServiceTable<number>()
      const known = new Map<string, Line>()
      let missed = 0
      for (const each of acts) {
        if (each.act === 'add') {
          table.add(each.prefix, each.target, each.priority, each.weight)
          known.set(nameOf(each), each)
        } else if (each.act === 'remove') {
          expect(table.remove(each.prefix, each.target)).toBe(known.delete(nameOf(each)))
        } else {
          const expected = naive([...known.values()], each.id, each.pick)
          missed += expected === undefined ? 1 : 0
          expect(table.resolve(each.id, each.pick)).toEqual(expected)
        }
        expect(table.size).toBe(known.size)
      }
      expect(table.missed).toBe(missed)
      const described = (one: Line) => [nameOf(one), one.priority, one.weight]
      const inOrder = (all: readonly Line[]) => all.map(described).sort()
      expect(inOrder(table.rules())).toEqual(inOrder([...known.values()]))
      for (const { prefix } of acts.filter(each => each.act !== 'resolve'))
        expect(table.targets(prefix)).toEqual(
          [...known.values()].filter(one => one.prefix.text === prefix.text).map(({ target }) => target),
        )
    }),
    { numRuns: 300 },
  )
})

test('chance is in proportion to weight, exactly', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(weights, each => {
      const total = each.reduce((sum, one) => sum + one, 0)
      const all = servicePrefixOf('*')
      const table = filled(
        each.map((weight, address) => ({
          prefix: all,
          target: { kind: 'forward', address },
          priority: 1,
          weight,
        })),
      )
      const chosen = each.map(() => 0)
      for (let i = 0; i < total; i++) {
        const found = table.resolve(all.id, (i + 0.5) / total)
        if (found?.kind === 'forward') chosen[found.address]!++
      }
      expect(chosen).toEqual(each)
      expect(table.rules().map(rule => rule.resolved)).toEqual(each)
    }),
  )
})

test('a rule that drains decides nothing: it could as well be gone', () => {
  fc.assert(
    fc.property(lines, id, pick, (all, other, at) => {
      const table = filled(all)
      const before = table.resolve(other, at)
      for (const each of all) if (each.weight === 0) table.remove(each.prefix, each.target)
      expect(table.resolve(other, at)).toEqual(before)
    }),
  )
})

test('adding and removing twice is adding and removing once, and what others count is left alone', () => {
  fc.assert(
    fc.property(lines, line, id, (all, one, other) => {
      const table = filled(all)
      table.resolve(other, 0)
      const before = table.rules()
      const isKnown = all.some(each => nameOf(each) === nameOf(one))
      table.add(one.prefix, one.target, one.priority, one.weight)
      const once = table.rules()
      table.add(one.prefix, one.target, one.priority, one.weight)
      expect(table.rules()).toEqual(once)
      expect(table.remove(one.prefix, one.target)).toBe(true)
      expect(table.remove(one.prefix, one.target)).toBe(false)
      expect(table.rules()).toEqual(before.filter(rule => !isKnown || nameOf(rule) !== nameOf(one)))
    }),
  )
})

test('lists the longest prefixes first, then by serviceID, then the highest priority', () => {
  fc.assert(
    fc.property(lines, all => {
      const order = all
        .map(each => [
          256 - each.prefix.bits,
          Buffer.from(each.prefix.id).toString('hex'),
          PRIORITY_LIMIT - each.priority,
        ])
        .map(
          ([bits, digits, rank]) =>
            `${String(bits).padStart(3, '0')} ${digits} ${String(rank).padStart(10, '0')}`,
        )
      const listed = filled(all)
        .rules()
        .map(({ prefix, priority }) => [
          256 - prefix.bits,
          Buffer.from(prefix.id).toString('hex'),
          PRIORITY_LIMIT - priority,
        ])
        .map(
          ([bits, digits, rank]) =>
            `${String(bits).padStart(3, '0')} ${digits} ${String(rank).padStart(10, '0')}`,
        )
      expect(listed).toEqual(order.sort())
    }),
  )
})

test('a list stays as it was', () => {
  const all = servicePrefixOf('*')
  const table = filled([{ prefix: all, target: { kind: 'drop' }, priority: 1, weight: 1 }])
  const [rule] = table.rules()
  table.resolve(all.id, 0)
  expect(rule!.resolved).toBe(0)
})

test('reads a serviceID where it stands in a packet', () => {
  const table = filled([
    { prefix: servicePrefixOf('acme'), target: { kind: 'drop' }, priority: 1, weight: 1 },
  ])
  const packet = Uint8Array.of(9, 9, 9, ...servicePrefixOf('acme/echo').id)
  expect(table.resolve(packet, 0, 3)).toEqual({ kind: 'drop' })
  expect(table.resolve(packet, 0, 2)).toBeUndefined()
})

test('a DEMUX rule is there exactly while its socket is bound; closing an accepted child keeps it (invariant 47)', () => {
  const names = ['acme', 'acme/echo', 'other']
  const step = fc.record({
    act: fc.constantFrom('bind', 'accept', 'close', 'closeChild'),
    socket: fc.nat(2),
    name: fc.constantFrom(...names),
  })
  fc.assert(
    fc.property(fc.array(step), steps => {
      const table = new ServiceTable<number>()
      const bound = new Map<number, string>()
      const children: number[] = []
      for (const { act, socket, name } of steps) {
        const target = { kind: 'demux', listener: socket } as const
        if (act === 'bind' && !bound.has(socket) && ![...bound.values()].includes(name)) {
          bound.set(socket, name)
          table.add(exactPrefixOf(name), target, 32_000, 1024)
        }
        if (act === 'accept' && bound.has(socket)) children.push(socket)
        if (act === 'closeChild') children.pop()
        if (act === 'close' && bound.has(socket)) {
          table.remove(exactPrefixOf(bound.get(socket)!), target)
          bound.delete(socket)
        }
        for (const each of names) {
          const owner = [...bound].find(([, own]) => own === each)?.[0]
          expect(table.resolve(exactPrefixOf(each).id, 0)).toEqual(
            owner === undefined ? undefined : { kind: 'demux', listener: owner },
          )
        }
      }
    }),
  )
})

describe('limits', () => {
  const drop = { kind: 'drop' } as const
  const codeOf = (table: ServiceTable<number>, { prefix, target, priority, weight }: Line): string => {
    try {
      table.add(prefix, target, priority, weight)
      return 'none'
    } catch (error) {
      return error instanceof ServiceError ? error.code : `${error}`
    }
  }
  const anywhere = { prefix: servicePrefixOf('*'), target: drop, priority: 1, weight: 1 }

  test.for([
    -1,
    0.5,
    PRIORITY_LIMIT + 1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('%d is neither priority nor weight', n => {
    const table = new ServiceTable<number>()
    expect(codeOf(table, { ...anywhere, priority: n })).toBe('SERVICE_PRIORITY')
    expect(codeOf(table, { ...anywhere, weight: n })).toBe('SERVICE_WEIGHT')
    expect(table.rules()).toEqual([])
  })

  test('a prefix has so many targets and no more, and those that are there may change', () => {
    const forward = (address: number): Line => ({
      ...anywhere,
      target: { kind: 'forward', address },
      weight: WEIGHT_LIMIT,
    })
    const table = filled(Array.from({ length: TARGETS_LIMIT }, (_, i) => forward(i)))
    expect(codeOf(table, forward(TARGETS_LIMIT))).toBe('SERVICE_FULL')
    expect(codeOf(table, { ...forward(5), weight: 1 })).toBe('none')
    expect(codeOf(table, { ...forward(5), weight: WEIGHT_LIMIT })).toBe('none')
    expect(table.size).toBe(TARGETS_LIMIT)
    expect(table.resolve(anywhere.prefix.id, 1 - 2 ** -53)).toEqual(forward(TARGETS_LIMIT - 1).target)
    expect(table.resolve(anywhere.prefix.id, 0.5)).toEqual(forward(TARGETS_LIMIT / 2).target)
  })

  test('a table has so many rules and no more, and a refused one leaves nothing behind', () => {
    const at = (n: number): Line => {
      const bytes = new Uint8Array(SERVICE_BYTES)
      new DataView(bytes.buffer).setUint32(0, n)
      return { ...anywhere, prefix: prefixOfId(bytes, 32) }
    }
    const table = filled(Array.from({ length: RULES_LIMIT }, (_, i) => at(i)))
    expect(codeOf(table, at(RULES_LIMIT))).toBe('SERVICE_FULL')
    expect(codeOf(table, anywhere)).toBe('SERVICE_FULL')
    expect(table.remove(at(3).prefix, drop)).toBe(true)
    expect(codeOf(table, anywhere)).toBe('none')
    expect(table.rules()).toHaveLength(RULES_LIMIT)
  })
})
