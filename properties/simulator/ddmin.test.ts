import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ddmin } from './ddmin.ts'

const keptWhere = (fails: (part: readonly number[]) => boolean) => async (part: readonly number[]) =>
  fails(part) ? part : undefined

test('returns exactly the items that a failure needs, in their order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(300), fc.array(fc.nat(), { maxLength: 6 }), async (length, drawn) => {
      const items = Array.from({ length }, (_, i) => i)
      const needed = new Set(length === 0 ? [] : drawn.map(n => n % length))
      const fails = (part: readonly number[]) => [...needed].every(n => part.includes(n))
      expect(await ddmin(items, keptWhere(fails))).toEqual([...needed].sort((a, b) => a - b))
    }),
  )
})

test('no single item of the result can be removed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(40), fc.func(fc.boolean()), async (length, isOdd) => {
      const items = Array.from({ length }, (_, i) => i)
      const fails = (part: readonly number[]) => part.length === length || (part.length > 0 && isOdd(part))
      const best = await ddmin(items, keptWhere(fails))
      for (const item of best) expect(fails(best.filter(other => other !== item))).toBe(false)
    }),
  )
})

test('finding 6 of 733 items takes fewer than 200 trials', async () => {
  const items = Array.from({ length: 733 }, (_, i) => i)
  const needed = [3, 97, 98, 400, 512, 731]
  let trials = 0
  const best = await ddmin(items, async part => {
    trials++
    return needed.every(n => part.includes(n)) ? part : undefined
  })
  expect(best).toEqual(needed)
  expect(trials).toBeLessThan(200)
})
