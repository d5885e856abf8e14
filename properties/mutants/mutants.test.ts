import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/search/explore.ts'
import { must } from '../../checker/text/at.ts'
import { nameOf as nameOfCatcher } from '../defects/catchers.ts'
import { readCaught } from '../defects/results.ts'
import { mutants, subjects } from './enumerate.ts'
import { judge, type Notice } from './judge.ts'
import { reportOf, shownBy } from './report.ts'
import { type Result, readResults } from './results.ts'
import { reasonOf, survivors } from './survivors.ts'
import { trialNamed, trials, worldOf } from './trials.ts'

const results = readResults()

/** The greatest number of mutants that nobody has explained: survivors without a reason, and those that wait for a run. It only shrinks. */
const MOST_OPEN = 855

test('mutants have unique names', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
})

test('exactly one mutant removes each transition', () => {
  const removed = mutants.flatMap(({ name }) => name.match(/^(.*): removed$/)?.[1] ?? [])
  expect(removed).toEqual(subjects.flatMap(({ machine }) => machine.transitions.map(({ id }) => id)))
})

describe('results', () => {
  test('are of mutants that exist, in their order', () => {
    const known = new Set(results.map(({ mutant }) => mutant))
    expect(results.map(({ mutant }) => mutant)).toEqual(
      mutants.map(({ name }) => name).filter(name => known.has(name)),
    )
  })

  test('give the reasons of survivors, each once', () => {
    const left = results.filter(({ by }) => by === undefined).map(({ mutant }) => mutant)
    const listed = survivors.flatMap(({ mutants }) => mutants)
    expect(new Set(listed).size).toBe(listed.length)
    expect(listed.filter(name => !left.includes(name))).toEqual([])
  })

  test('explain most mutants', () => {
    const open = results.filter(({ mutant, by }) => by === undefined && reasonOf(mutant) === undefined)
    expect(open.length + mutants.length - results.length).toBeLessThanOrEqual(MOST_OPEN)
  })

  test('show that every property can fail', () => {
    const idle = shownBy(results, readCaught()).filter(
      ({ defects, mutants }) => defects.length + mutants.length === 0,
    )
    expect(idle.map(({ catcher }) => nameOfCatcher(catcher))).toEqual([])
  })

  test('match docs/mutants.md', () => {
    const text = readFileSync(new URL('../../docs/mutants.md', import.meta.url), 'utf8')
    expect(text).toBe(reportOf(results, readCaught(), mutants.length))
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
    const { machine, mutated } = must(mutants.find(mutant => mutant.name === name))
    const world = trialNamed(must(trial))
    const { system } = worldOf(world, { machines: { [machine]: mutated } })
    const { violations } = await explore(system, { invariants: [must(by).id], stop: 'first' })
    expect(violations.map(({ id, rules }) => [id, rules.length])).toEqual([[must(by).id, must(by).steps]])
  })
})

test('mutants that share a program are caught as each one alone', async () => {
  const trial = must(trials.find(({ model }) => model === 'two-party'))
  const names = [
    'connection.CONNECTED RST #1: removed',
    'connection.CONNECTED DATA: deliver removed',
    'connection.REQUEST CLOSE: to INIT instead of CLOSED',
    'flow settleMove: owed is off by one',
    'connection.CONNECTED DATA: guard true',
  ]
  const some = names.map(name => must(mutants.find(mutant => mutant.name === name)))
  const alone = await Promise.all(
    some.map(async ({ mutated }) => {
      const { system } = worldOf(trial, { machines: { flow: mutated } })
      const [violation] = (await explore(system, { stop: 'first' })).violations
      return violation && `${violation.id} in ${violation.rules.length}`
    }),
  )
  const flow = must(subjects.find(({ name }) => name === 'flow')).machine
  const together: (Notice | undefined)[] = []
  for await (const [, by] of judge(trial, flow, some, { seen: [], taken: new Set() })) together.push(by)
  expect(together.map(by => by && `${by.id} in ${by.steps}`)).toEqual(alone)
  expect(new Set(alone).size).toBeGreaterThan(3)
})
