import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Choices } from '../checker/fuzz/choices.ts'
import { Chooser } from '../checker/fuzz/chooser.ts'
import { fuzz } from '../checker/fuzz/fuzz.ts'
import type { LoweredWorld } from '../checker/lower/world.ts'
import { explore } from '../checker/search/explore.ts'
import { walk } from '../checker/search/walk.ts'
import { SLOW } from '../checker/testing/limits.ts'
import { must } from '../checker/text/at.ts'
import { models } from '../spec/worlds/index.ts'
import type { Bounds } from '../spec/worlds/model.ts'
import { credulous, wedged } from './defects/broken.ts'
import type { Defect } from './defects/defect.ts'
import { leastShare, shareTaken } from './testing/coverage.ts'
import { salWeighting } from './weighting.ts'

const effort = { runs: 1500, steps: 200, seed: 1, weighting: salWeighting }

const twoParty = (bounds: Bounds, defect?: Defect): LoweredWorld => {
  const model = must(models.find(({ name }) => name === 'two-party'))
  const defaults = Object.entries(model.bounds).map(([name, bound]) => [name, bound.default])
  return model.world({ ...Object.fromEntries(defaults), ...bounds }, defect?.replacement)
}

const wide = twoParty({ capacity: 8, clientMoves: 3, serverMoves: 3, data: 1, aborts: 0 })

describe('a broken machine', SLOW, () => {
  const small = twoParty({ capacity: 2 }, credulous)

  test('is found, with a counterexample that is nearly the shortest', async () => {
    const world = twoParty({ capacity: 4, clientMoves: 2, serverMoves: 2 }, credulous)
    const { verdict, violation } = await fuzz(world, { ...effort, invariants: ['19', '39'] })
    expect(verdict).toBe('violated')
    const { violations } = await explore(small.system, { invariants: [must(violation).id], stop: 'first' })
    expect(must(violation).rules.length).toBeLessThanOrEqual(must(violations[0]).rules.length + 3)
    const walker = walk(world.system)
    const last = must(violation).rules.reduce(
      (step, rule) => walker.take(step.state, rule),
      walker.look(walker.initial()),
    )
    expect(last.failed).toContain(must(violation).id)
  })

  test('gives a counterexample without a needless step', async () => {
    const { violation } = await fuzz(small, { ...effort, invariants: ['19'] })
    const [walker, choices] = [walk(small.system, ['19']), new Choices(small)]
    const { rules } = must(violation)
    expect(rules.length).toBeLessThan(must(violation).unshrunk)
    for (const spared of rules.keys()) {
      let state = walker.initial()
      let original = walker.initial()
      const failed: string[] = []
      rules.forEach((rule, at) => {
        const choice = choices.nameOf(rule, original)
        original = walker.take(original, rule).state
        const like = choices.rulesFor(choice, state).find(other => walker.isEnabled(state, other))
        if (at === spared || like === undefined) return
        const step = walker.take(state, like)
        state = step.state
        failed.push(...step.failed)
      })
      expect(failed).toEqual([])
    }
  })

  test('that cannot recover is proved so', async () => {
    const world = twoParty({ capacity: 2, clientMoves: 2 }, wedged)
    const { violation } = await fuzz(world, { ...effort, invariants: ['24'] })
    expect(violation).toMatchObject({ id: '24', kind: 'recovery' })
    expect(must(violation).rules.length).toBeLessThanOrEqual(8)
  })
})

test('the same seed gives the same result, another seed another result', SLOW, async () => {
  const world = twoParty({ capacity: 2 }, credulous)
  const few = { runs: 40, steps: 100, invariants: ['19'], weighting: salWeighting }
  const [once, again, other] = [
    await fuzz(world, { ...few, seed: 3 }),
    await fuzz(world, { ...few, seed: 3 }),
    await fuzz(world, { ...few, seed: 4 }),
  ]
  expect(JSON.stringify(again)).toBe(JSON.stringify(once))
  expect(other.coverage).not.toEqual(once.coverage)
})

test(
  'walks go where it matters: connected and moving, to every state but those of listeners',
  SLOW,
  async () => {
    const { coverage, steps, runs } = await fuzz(wide, { ...effort, runs: 500, invariants: 'none' })
    const flows = 2 * (steps + runs)
    // A half-closed flow lives as long as its peer, so that less of a walk is left for both ends to be connected.
    expect(must(coverage.states['flow connection.CONNECTED']) / flows).toBeGreaterThan(0.45)
    expect(must(coverage.states['flow connection.CLOSED']) / flows).toBeLessThan(0.2)
    expect(must(coverage.states['flow migration.RSYN_SENT_RECV']) / flows).toBeGreaterThan(0.1)
    const unseen = Object.keys(coverage.states).filter(name => coverage.states[name] === 0)
    expect(unseen).toEqual(['flow connection.LISTEN'])
    const taken = Object.values(coverage.transitions).filter(count => count > 0).length
    expect(taken / Object.keys(coverage.transitions).length).toBeGreaterThan(0.75)
  },
)

/** Models that are lowered quickly. `fuzz.long.ts` walks through all. */
const SAMPLE = ['crossing', 'restart', 'make-before-break', 'delay', 'resolution', 'registration']

test.for(SAMPLE)('walks of %s say what they have taken', SLOW, async name => {
  expect(await shareTaken(name)).toBeGreaterThan(leastShare(name))
})

test('fuzzing stops at an abort and returns its results so far', SLOW, async () => {
  const controller = new AbortController()
  const seen: number[] = []
  const fuzzing = await fuzz(wide, {
    ...{ ...effort, runs: 100_000, invariants: 'none' },
    signal: controller.signal,
    progress: ({ runs }) => {
      if (seen.push(runs) === 2) controller.abort()
    },
  })
  expect(fuzzing).toMatchObject({ verdict: 'holds', runs: seen[1] })
  expect(seen[1]).toBeGreaterThan(must(seen[0]))
})

test('the chosen rule is enabled, whatever the numbers', () => {
  const [walker, chooser] = [walk(wide.system, 'none'), new Chooser(wide, salWeighting)]
  const numbers = fc.array(fc.nat(), { minLength: chooser.families, maxLength: 60 })
  fc.assert(
    fc.property(numbers, numbers, (mood, picks) => {
      const weights = chooser.mood(mood)
      let state = walker.initial()
      for (const pick of picks) {
        const enabled = walker.enabled(state)
        const rule = chooser.choose(state, enabled, weights, pick)
        if (rule < 0) return
        expect(enabled).toContain(rule)
        state = walker.take(state, rule).state
      }
    }),
  )
})
