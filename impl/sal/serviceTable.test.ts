import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ServiceError } from './serviceErrors.ts'
import { exactPrefixOf, prefixOfId, SERVICE_BYTES, servicePrefixOf } from './serviceId.ts'
import { PRIORITY_LIMIT, RULES_LIMIT, ServiceTable, TARGETS_LIMIT, WEIGHT_LIMIT } from './serviceTable.ts'
import { acts, id, type Line, line, lines, naive, nameOf, pick } from './testing/services.ts'

const filled = (lines: readonly Line[]): ServiceTable<number> => {
  const table = new ServiceTable<number>()
  for (const each of lines) table.add(each.prefix, each.target, each.priority, each.weight)
  return table
}

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
