import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { seededRandom } from '../random/random.ts'
import { FlowIds } from './flowIds.ts'

const HALF = 2 ** 31
const free = () => false

describe('a host numbers flowIDs by a secret permutation', () => {
  test('counters and hashes never collide, and neither gives 0', () => {
    const ids = new FlowIds(seededRandom(1))
    const seen = new Set<number>([0])
    for (let i = 0; i < 30_000; i++) {
      seen.add(ids.issue(free))
      seen.add(ids.derived(i))
    }
    expect(seen.size).toBe(60_001)
    expect([...seen].every(id => Number.isInteger(id) && id >= 0 && id < 2 ** 32)).toBe(true)
  })

  test('every flowID is counted, derived or 0, and reveals to the host which', () => {
    const word = fc.nat(2 ** 32 - 1)
    fc.assert(
      fc.property(word, fc.nat(2 ** 31 - 1), word, (seed, hash, id) => {
        const ids = new FlowIds(seededRandom(seed), HALF - 1)
        expect(ids.isDerived(ids.derived(hash))).toBe(true)
        expect(ids.generationOf(ids.derived(hash))).toBe(0)
        // The last counter: every later one repeats.
        const last = ids.issue(free)
        expect([ids.isDerived(last), ids.generationOf(last)]).toEqual([false, 1])
        expect(ids.generationOf(id)).toBe(id === 0 || ids.isDerived(id) ? 0 : 1)
      }),
    )
  })

  test('0 is neither counted nor derived, under any secret', () => {
    for (let seed = 0; seed < 1000; seed++) {
      const ids = new FlowIds(seededRandom(seed), HALF - 1)
      ids.issue(free)
      expect([ids.isDerived(0), ids.generationOf(0)]).toEqual([false, 0])
    }
  })

  test('the same secret gives the same flowIDs, another secret gives others', () => {
    const some = (seed: number) => {
      const ids = new FlowIds(seededRandom(seed))
      return Array.from({ length: 100 }, () => ids.issue(free))
    }
    expect(some(1)).toEqual(some(1))
    const others = new Set(some(2))
    expect(some(1).filter(id => others.has(id))).toEqual([])
  })

  // Each bit is 1 in half of the flowIDs, and differs between half of all neighbours, within 6 sigma.
  test('neither a flowID nor its distance to the next shows the counter', () => {
    const ids = new FlowIds(seededRandom(3))
    const count = 20_000
    const given = Array.from({ length: count }, () => ids.issue(free))
    const margin = 6 * Math.sqrt(count / 4)
    for (let bit = 0; bit < 32; bit++) {
      const ones = given.filter(id => ((id >>> bit) & 1) === 1).length
      const changes = given.filter((id, i) => i > 0 && (((id ^ at(given, i - 1)) >>> bit) & 1) === 1).length
      expect(Math.abs(ones - count / 2), `bit ${bit}`).toBeLessThan(margin)
      expect(Math.abs(changes - count / 2), `bit ${bit}`).toBeLessThan(margin)
    }
  })
})

describe('a host knows which flowIDs it has issued', () => {
  test('before and after it issues them', () => {
    const later = new FlowIds(seededRandom(4))
    const coming = Array.from({ length: 1000 }, () => later.issue(free))
    const ids = new FlowIds(seededRandom(4))
    for (let i = 0; i < 500; i++) ids.issue(free)
    expect(coming.map(id => ids.generationOf(id))).toEqual([...Array(500).fill(1), ...Array(500).fill(0)])
  })

  test('and starts a new generation when the counter wraps, skipping flowIDs in use', () => {
    const ids = new FlowIds(seededRandom(5), HALF - 2)
    const old = [ids.issue(free), ids.issue(free)]
    const [first, second] = (() => {
      const fresh = new FlowIds(seededRandom(5))
      return [fresh.issue(free), fresh.issue(free)]
    })()
    expect([...old, first].map(id => ids.generationOf(must(id)))).toEqual([1, 1, 1])
    expect(ids.issue(id => id === first)).toBe(second)
    expect([...old, first, second].map(id => ids.generationOf(must(id)))).toEqual([1, 1, 2, 2])
  })
})
