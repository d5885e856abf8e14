import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../testing/limits.ts'
import { load, shape as programShape, programs, scope } from './testing/programs.ts'
import { afterwards } from './testing/smallWorld.ts'
import { bits, type View } from './value.ts'
import { viewOf } from './view.ts'
import { variablesOf } from './world.ts'

test('a rule does the same as its JavaScript', SLOW, () => {
  fc.assert(
    fc.property(programs, text => {
      const take = load(text)
      const initial = Object.fromEntries(variablesOf(programShape).map(v => [v.name, v.initial]))
      const w = viewOf(programShape, initial)
      take(w)
      expect(viewOf(programShape, afterwards(programShape, take, scope))).toEqual(w)
    }),
    { numRuns: 200 },
  )
})

describe('later stores do not change values that were read', () => {
  const shape = { a: bits(4, 1), b: bits(4, 2), list: [bits(4, 3), bits(4, 4)] }
  type W = View<typeof shape>
  const put = (w: W, x: number) => {
    w.a = 9
    w.b = x
  }
  const add = (w: W, x: number) => {
    w.a = w.a + 4
    return x
  }

  test('an argument', () => {
    expect(afterwards(shape, w => put(w, w.a + 1), { put })).toMatchObject({ a: 9, b: 2 })
  })

  test('an operand on the left of a call that stores into it', () => {
    const take = (w: W) => {
      w.b = w.a + add(w, 2)
    }
    expect(afterwards(shape, take, { add })).toMatchObject({ a: 5, b: 3 })
  })

  test('a constant, and the parts of a structure', () => {
    const take = (w: W) => {
      const { a } = w
      const both = [w.a, w.b]
      put(w, 7)
      w.list[0] = a
      w.list[1] = both[1] as number
    }
    expect(afterwards(shape, take, { put })).toMatchObject({ 'list[0]': 1, 'list[1]': 2 })
  })

  test('an index that is itself stored into', () => {
    const take = (w: W) => {
      w.list[0] = 0
      w.list[w.list[0]] = 1
    }
    expect(afterwards(shape, take)).toMatchObject({ 'list[0]': 1, 'list[1]': 4 })
  })
})

describe('a conditional side effect happens only under its condition', () => {
  const shape = { a: bits(4, 1), b: bits(4) }
  type W = View<typeof shape>
  const bump = (w: W) => {
    w.a = w.a + 1
    return w.a
  }

  test.each<[string, (w: W) => unknown, number, number]>([
    ['&&', w => (w.b === 1 && bump(w) > 0 ? bump(w) : 0), 1, 0],
    ['||', w => (w.b === 0 || bump(w) > 0 ? bump(w) : 0), 2, 0],
    [
      'a value of ?:',
      w => {
        w.b = w.b === 0 ? 5 : bump(w)
      },
      1,
      5,
    ],
    ['a statement of &&', w => w.b === 0 && bump(w), 2, 0],
    [
      'a value of ||',
      w => {
        w.b = w.b || bump(w)
      },
      2,
      2,
    ],
  ])('%s', (_, take, a, b) => {
    const body = (w: W) => {
      take(w)
    }
    expect(afterwards(shape, body, { take, bump })).toEqual({ a, b })
  })

  test('execution continues after a block that may return', () => {
    const take = (w: W) => {
      if (w.a === 1) {
        if (w.b === 1) return
        w.b = 2
      }
      w.a = 7
    }
    expect(afterwards(shape, take)).toEqual({ a: 7, b: 2 })
  })
})
