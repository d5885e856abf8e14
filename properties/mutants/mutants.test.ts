import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { flow } from '../../spec/flow/lowered.ts'
import { listenerMachine } from '../../spec/listener/machine.ts'
import { lower } from '../../spec/lower/step.ts'
import { explore } from '../checker/explore.ts'
import { mutants } from './enumerate.ts'
import { worldOf } from './judge.ts'
import { reportOf } from './report.ts'
import { type Result, readResults } from './results.ts'
import { survivors } from './survivors.ts'

const results = readResults()
const noticed = results.filter(({ trial }) => trial !== undefined)
const left = new Set(results.filter(({ trial }) => trial === undefined).map(({ mutant }) => mutant))

test('every mutant has a name of its own', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
})

test('every transition of the machines is removed once', () => {
  const removed = mutants.flatMap(({ name }) => name.match(/^(.*): removed$/)?.[1] ?? [])
  expect(removed).toEqual([...flow.transitions, ...lower(listenerMachine).transitions].map(({ id }) => id))
})

describe('results', () => {
  test('are of mutants that there are, in their order', () => {
    const recorded = new Set(results.map(({ mutant }) => mutant))
    expect([...recorded]).toEqual(mutants.map(({ name }) => name).filter(name => recorded.has(name)))
    expect(results.length).toBe(recorded.size)
  })

  test('give reasons for survivors only, one each', () => {
    const explained = survivors.flatMap(({ mutants }) => mutants)
    expect(new Set(explained).size).toBe(explained.length)
    expect(explained.filter(name => !left.has(name))).toEqual([])
  })

  test('are what docs/mutants.md says', () => {
    const text = readFileSync(new URL('../../docs/mutants.md', import.meta.url), 'utf8')
    expect(text).toBe(reportOf(results, mutants.length))
  })
})

/** Invariants that are broken soon are met before most of the states. */
const quick = noticed
  .filter(({ by: [first] }) => first!.kind === 'invariant' && first!.steps! <= 9)
  .sort((a, b) => a.by[0]!.steps! - b.by[0]!.steps!)

/** So many of the quickest are always tried again, and so many of the others, spread over all of them. */
const QUICKEST = 6
const OTHERS = 8

const spread = (from: readonly Result[], count: number): Result[] =>
  from.filter((_, i) => i % Math.ceil(from.length / count) === 0)

const sample = [...quick.slice(0, QUICKEST), ...spread(quick.slice(QUICKEST), OTHERS)]

describe('a sample of mutants is still noticed', () => {
  test.for(sample.map(result => [result.mutant, result] as const))('%s', async ([name, { trial, by }]) => {
    const { replacement } = mutants.find(mutant => mutant.name === name)!
    const [{ id, steps }] = by as [Result['by'][number]]
    const { system } = worldOf(trial!, replacement)
    const { violations } = await explore(system, { invariants: [id], stop: 'first' })
    expect(violations.map(violation => [violation.id, violation.rules.length])).toEqual([[id, steps]])
  })
})
