/** Values that a system must not have. Every kind of search rejects the same value and says where. */
import { describe, expect, test } from 'vitest'
import { promela } from '../codegen/promela/promela.ts'
import { fuzz } from '../fuzz/fuzz.ts'
import { TrapError } from '../ir/errors.ts'
import { world } from '../lower/testing/smallWorld.ts'
import { bits } from '../lower/value.ts'
import { naive } from '../testing/naive.ts'
import { at } from '../text/at.ts'
import { explore } from './explore.ts'
import { walk } from './walk.ts'

type N = { x: number; y: number; list: number[] }
const rule = (when: (w: N) => boolean, take: (w: N) => void) => ({
  name: 'r',
  kind: 'protocol' as const,
  when,
  take,
})
const shape = { x: bits(31, 1), y: bits(4), list: [bits(2), bits(2)] }
const made = (take: (w: N) => void, when: (w: N) => boolean = () => true, scope = {}) =>
  world(shape, { rules: [rule(when, take)], scope })

const laterIfLess = (one: number, other: number): number => {
  const least = smaller(other, other + 1)
  return one < least ? least : one
}
/** A long expression, which is kept in a local. */
const far = (w: N): number => at(w.list, at(w.list, at(w.list, at(w.list, at(w.list, w.x + 3)))))
const smaller = (one: number, other: number): number => (one < other ? one : other)

const rejected = [
  {
    what: 'a store of more bits than there are',
    code: 'CHK001',
    value: 2 ** 32,
    world: made(w => {
      w.x = w.x * 65536 * 65536
    }),
  },
  {
    what: 'a negative store',
    code: 'CHK001',
    value: -1,
    world: made(w => {
      w.y = w.y - 1
    }),
  },
  {
    what: 'an index beyond the end that is read',
    code: 'CHK008',
    value: 2,
    world: made(
      w => {
        w.y++
      },
      w => w.list[w.y + w.x + 1] === 0,
    ),
  },
  {
    what: 'an index beyond the end that is stored to',
    code: 'CHK008',
    value: 2,
    world: made(w => {
      w.list[w.x + 1] = 1
    }),
  },
  {
    what: 'an index within the index of a store, before what the right side rejects',
    code: 'CHK008',
    value: 4,
    world: made(w => {
      w.list[at(w.list, w.x + 3) & 1] = (w.x % w.y) & 3
    }),
  },
  {
    what: 'a remainder by 0',
    code: 'CHK009',
    value: 0,
    world: made(w => {
      w.x = 10 % w.y
    }),
  },
  {
    what: 'a remainder by 0 in an argument, before an index in the argument after it',
    code: 'CHK009',
    value: 0,
    world: made(
      w => {
        w.x = laterIfLess(w.x % w.y, smaller(far(w), w.x))
      },
      () => true,
      { laterIfLess, smaller, far },
    ),
  },
  {
    what: 'a remainder by 0 in a condition on which nothing depends',
    code: 'CHK009',
    value: 0,
    world: made(w => {
      w.list[1] = 1
      if (10 % w.y === 1) return
    }),
  },
  {
    what: 'arithmetic beyond 2^53',
    code: 'CHK010',
    value: 2 ** 60,
    world: made(w => {
      w.x = ((w.x + 1073741823) * (w.x + 1073741823)) % 7
    }),
  },
]

describe.for(rejected)('$what', ({ code, value, world: { system }, world: whole }) => {
  const expected = expect.objectContaining({
    code,
    value,
    path: [],
    where: expect.stringMatching(/^rule r of small/),
  })

  test.for([1, 2])('%i workers', async workers => {
    await expect(explore(system, { workers, memoryMb: 16 })).rejects.toEqual(expected)
  })

  test('the second opinion, a walk, and random walks', async () => {
    expect(() => naive(system)).toThrow(expected)
    const walker = walk(system)
    const go = () => {
      const state = walker.initial()
      if (walker.isEnabled(state, 0)) walker.take(state, 0)
    }
    expect(go).toThrow(expect.objectContaining({ code, value }))
    await expect(fuzz(whole, { runs: 2, steps: 2, seed: 1 })).rejects.toEqual(expected)
  })
})

test('an error has the path to the rejected value', async () => {
  const { system } = made(w => {
    w.y = w.y + 5
  })
  const error = await explore(system, { memoryMb: 16 }).catch(cause => cause)
  expect(error).toBeInstanceOf(TrapError)
  expect(error).toMatchObject({ path: ['r', 'r', 'r'], source: 'y', value: 20 })
  expect(error.message).toMatch(/stores 20 into y, which has 4 bits; .* after r > r > r$/)
})

/** Counts y up to 3. */
const toThree = rule(
  (w: N) => w.y < 3,
  (w: N) => {
    w.y++
  },
)

test('a witness that was seen still rejects a value in a later state', async () => {
  const { system } = world(shape, {
    rules: [toThree],
    witnesses: [{ name: 'zero', seen: (w: N) => w.list[w.y] === 0 }],
  })
  const expected = expect.objectContaining({ code: 'CHK008', value: 2 })
  for (const workers of [1, 2])
    await expect(explore(system, { workers, memoryMb: 16 })).rejects.toEqual(expected)
})

test('an expression that is not evaluated rejects nothing, and a proved one costs nothing', async () => {
  const { system } = made(
    w => {
      w.y = w.y + 1
    },
    w => w.y < 9 && (w.y >= 2 || w.list[w.y] === 0) && (w.y === 0 || 10 % w.y >= 0),
  )
  expect(await explore(system, { memoryMb: 16 })).toMatchObject({ distinct: 10 })
  expect(promela(system)).not.toContain('assert')
})

test('numbers beyond 32 bits have the same values as in JavaScript', async () => {
  let s = 1
  for (let i = 0; i < 3; i++) s = (s * 69069 + 1) % 1000003
  const { system } = made(
    w => {
      w.x = (w.x * 69069 + 1) % 1000003
      w.y++
    },
    w => w.y < 3 && w.x < NEVER,
    { NEVER: 0xffffffff },
  )
  const ended = (value: number) => ({
    op: '||' as const,
    left: {
      op: '!=' as const,
      left: { op: 'get' as const, name: 'y' },
      right: { op: 'number' as const, value: 3 },
    },
    right: {
      op: '==' as const,
      left: { op: 'get' as const, name: 'x' },
      right: { op: 'number' as const, value },
    },
  })
  const invariants = [s, s + 1].map((value, index) => ({
    id: String(index),
    holds: ended(value),
    ofStep: false,
  }))
  const found = await explore({ ...system, invariants }, { memoryMb: 16 })
  expect(found.distinct).toBe(4)
  expect(found.violations.map(({ id }) => id)).toEqual(['1'])
  expect(() => promela(system)).toThrow('PML002: rule r computes')
})
declare const NEVER: number

test('the result names rules that were never taken and left sides that were never true', async () => {
  const { system } = world(shape, {
    rules: [
      toThree,
      {
        ...rule(
          (w: N) => w.y > 5,
          () => {},
        ),
        name: 'idle',
      },
    ],
    invariants: [
      { id: 'tried', holds: (w: N) => w.y < 3 || w.x === 1 },
      { id: 'untried', holds: (w: N) => w.y < 4 || w.x === 1 },
      { id: 'step', holds: (w: N, was: N) => !(was.y === 7) || w.y === 0 },
      { id: 'plain', holds: (w: N) => w.x === 1 },
    ],
  })
  for (const workers of [1, 2])
    expect(await explore(system, { workers, memoryMb: 16 })).toMatchObject({
      verdict: 'holds',
      idle: ['idle'],
      untried: ['untried', 'step'],
    })
})
