import fc from 'fast-check'
import { expect, test } from 'vitest'
import { at } from '../../checker/text/at.ts'
import { Roster } from './roster.ts'

test('has the members of a Set', () => {
  const who = Array.from({ length: 6 }, (_, i) => ({ i }))
  const act = fc.record({ isAdd: fc.boolean(), i: fc.nat(5) })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), acts => {
      const [roster, set] = [new Roster<object>(), new Set<object>()]
      for (const { isAdd, i } of acts) {
        if (isAdd) {
          roster.add(at(who, i))
          set.add(at(who, i))
        } else {
          roster.delete(at(who, i))
          set.delete(at(who, i))
        }
        expect(roster.size).toBe(set.size)
        expect(new Set(roster)).toEqual(set)
      }
      for (const one of roster) roster.delete(one)
      expect([...roster]).toEqual([])
    }),
    { numRuns: 200 },
  )
})
