import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { must } from '../../checker/text/at.ts'
import { generatePlan } from './generate.ts'
import type { Plan } from './plan.ts'
import { shrinkPlan } from './shrink.ts'
import { firstBroken, simulate } from './simulate.ts'

/** More than a hundred actions, of which a connect, a write and a move are enough for T4 to break `frozen`. */
const long: Plan = generatePlan({
  seed: 39,
  hosts: 8,
  routers: 2,
  instances: 4,
  faults: 'mild',
  defect: 'T4',
})

describe('a plan that breaks a rule', SLOW, () => {
  test('shrinks to the actions, the world and the faults that the rule needs', async () => {
    const rule = must(firstBroken(long))
    expect(rule).toBe('frozen')
    expect(long.actions.length).toBeGreaterThan(100)
    const reports: number[] = []
    const plan = await shrinkPlan(long, rule, { progress: (_, actions) => reports.push(actions) })
    expect(plan.actions.map(action => action.do).sort()).toEqual(['connect', 'move', 'write'])
    expect(plan).toMatchObject({ hosts: 2, breaks: 'frozen', tries: 15 })
    expect(plan.routers).toBeUndefined()
    expect(plan.instances).toBeUndefined()
    expect(Object.values(plan.faults)).toEqual([0, 0, 0, 0, 0, 0])
    expect(simulate(plan).findings[0]?.rule).toBe('frozen')
    expect(reports.length).toBeGreaterThan(3)
  })

  test('stops shrinking when interrupted', async () => {
    const stop = new AbortController()
    let runs = 0
    const plan = await shrinkPlan(long, 'frozen', {
      signal: stop.signal,
      progress: done => {
        runs = done
        stop.abort()
      },
    })
    expect(runs).toBeLessThan(20)
    expect(firstBroken(plan)).toBe('frozen')
  })

  test('shrinks only to plans that break the same rule', async () => {
    const plan = generatePlan({ seed: 3, hosts: 2, faults: 'none', defect: 'T4' })
    const actions = plan.actions.slice(0, 6)
    const short: Plan = { ...plan, actions, calmMs: must(actions.at(-1)).atMs }
    expect(await shrinkPlan(short, 'ghost')).toEqual({ ...short, breaks: 'ghost' })
  })

  test('shrinks to the same plan each time', async () => {
    const plan = generatePlan({ seed: 2, hosts: 4, faults: 'none', defect: 'T4' })
    const rule = must(firstBroken(plan))
    expect(await shrinkPlan(plan, rule)).toEqual(await shrinkPlan(plan, rule))
  })
})
