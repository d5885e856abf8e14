import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { lower } from '../../checker/lower/step.ts'
import { explore } from '../../checker/search/explore.ts'
import { must } from '../../checker/text/at.ts'
import { flow } from '../../spec/machines/flow/compiled.ts'
import { listenerMachine } from '../../spec/machines/listener/machine.ts'
import { rendezvous } from '../../spec/machines/rendezvous/compiled.ts'
import { delayQueue, forwarder } from '../../spec/machines/resolution/compiled.ts'
import { nameOf as nameOfCatcher } from '../defects/catchers.ts'
import { readCaught } from '../defects/results.ts'
import { mutants } from './enumerate.ts'
import { reportOf, shownBy } from './report.ts'
import { type Result, readResults } from './results.ts'
import { survivors } from './survivors.ts'
import { nameOf, trials, worldOf } from './trials.ts'

const results = readResults()

test('mutants have unique names', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
})

test('exactly one mutant removes each transition', () => {
  const removed = mutants.flatMap(({ name }) => name.match(/^(.*): removed$/)?.[1] ?? [])
  const machines = [flow, lower(listenerMachine), forwarder, delayQueue, rendezvous]
  expect(removed).toEqual(machines.flatMap(({ transitions }) => transitions.map(({ id }) => id)))
})

describe('results', () => {
  test('exist for every mutant', () => {
    expect(results.map(({ mutant }) => mutant)).toEqual(mutants.map(({ name }) => name))
  })

  test('give each survivor exactly one reason', () => {
    const left = results.filter(({ by }) => by === undefined).map(({ mutant }) => mutant)
    expect(survivors.flatMap(({ mutants }) => mutants).sort()).toEqual(left.sort())
  })

  test('show that every property can fail', () => {
    const idle = shownBy(results, readCaught()).filter(
      ({ defects, mutants }) => defects.length + mutants.length === 0,
    )
    expect(idle.map(({ catcher }) => nameOfCatcher(catcher))).toEqual([])
  })

  test('match docs/mutants.md', () => {
    const text = readFileSync(new URL('../../docs/mutants.md', import.meta.url), 'utf8')
    expect(text).toBe(reportOf(results, readCaught()))
  })
})

/** Mutants with short counterexamples, which the search finds before most states. */
const quick = results
  .filter(({ by }) => by?.kind === 'invariant' && must(by.steps) <= 6)
  .sort((a, b) => must(must(a.by).steps) - must(must(b.by).steps))

/** How many of the quickest mutants, and of the others, the test tries again. */
const QUICKEST = 5
const OTHERS = 5

const spread = (from: readonly Result[], count: number): Result[] =>
  from.filter((_, i) => i % Math.ceil(from.length / count) === 0)

/** Worlds with many flows, packets or attackers take seconds to lower. */
const isWide = ({ trial }: Result): boolean =>
  /^(handshake|flood|reflection|off-path|replay|lying-peer|join-attack|flows) /.test(trial ?? '')

const others = quick.slice(QUICKEST).filter(result => !isWide(result))
const sample = [...quick.slice(0, QUICKEST), ...spread(others, OTHERS)]

describe('a sample of mutants is still caught', () => {
  test.for(sample.map(result => [result.mutant, result] as const))('%s', async ([name, { trial, by }]) => {
    const { replacement } = must(mutants.find(mutant => mutant.name === name))
    const { system } = worldOf(must(trials.find(one => nameOf(one) === trial)), replacement)
    const { violations } = await explore(system, { invariants: [must(by).id], stop: 'first' })
    expect(violations.map(({ id, rules }) => [id, rules.length])).toEqual([[must(by).id, must(by).steps]])
  })
})
