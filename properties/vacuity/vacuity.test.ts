import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { noticedByRight, noticedByWrong, openIn } from './judge.ts'
import { reasonOf } from './reasons.ts'
import { reportOf } from './report.ts'
import { readResults } from './results.ts'
import { variantsOf } from './variants.ts'
import { right, wrong } from './worlds.ts'

const results = readResults()
const byName = new Map(results.map(({ variant, by }) => [variant, by]))

/** The greatest number of variants that nothing notices and nobody has explained. It only shrinks. */
const MOST_OPEN = 532

test('each condition is forced to true and to false, wherever it stands', () => {
  const [a, b] = ['a[0]', 'a[1]'].map(name => ({ op: 'get', name }) as const)
  const c = { op: 'get', name: 'c' } as const
  const holds = {
    op: '&&',
    left: { op: '||', left: { op: '!', of: must(a) }, right: c },
    right: must(b),
  } as const
  const variants = variantsOf({ id: '1', holds, ofStep: false })
  expect(variants.map(({ name }) => name)).toEqual([
    '1: (a[_] !== 0) forced true',
    '1: (a[_] !== 0) forced false',
    '1: (c !== 0) forced true',
    '1: (c !== 0) forced false',
  ])
  expect(variants.map(({ is }) => is)).toEqual(['either', 'either', 'weaker', 'stronger'])
  expect(must(variants[0]).holds).toEqual({
    ...holds,
    left: { op: '||', left: { op: '!', of: { op: 'number', value: 1 } }, right: c },
    right: { op: 'number', value: 1 },
  })
})

describe('results', () => {
  test('leave few conditions open', () => {
    const open = results.filter(({ variant, by }) => by === undefined && reasonOf(variant) === undefined)
    expect(open.length).toBeLessThanOrEqual(MOST_OPEN)
  })

  test('match docs/vacuity.md', () => {
    expect(readFileSync(new URL('../../docs/vacuity.md', import.meta.url), 'utf8')).toBe(reportOf(results))
  })
})

/** Two small worlds: of one flow, and of a connection with several. */
const sample = right.filter(({ name }) =>
  /^(two-party capacity=1 clientMoves=1 closes=2|flows capacity=1 adds=1 removes=1 data=1)$/.test(name),
)

test.for(sample.map(world => [world.name, world] as const))('%s notices what the results say', async ([
  name,
  world,
]) => {
  const system = world.system()
  const variants = openIn(system, () => true)
  expect(variants.filter(variant => !byName.has(variant.name)).map(variant => variant.name)).toEqual([])
  const recorded = variants.filter(variant => byName.get(variant.name) === name)
  expect(recorded.length).toBeGreaterThan(5)
  expect(await noticedByRight(system, recorded)).toEqual(recorded)
})

test('a defect notices a variant that misses it', async () => {
  const { system: make, name } = must(wrong.find(one => one.name === 'S42 in two-party'))
  const system = make()
  const variants = openIn(system, variant => byName.get(variant.name) === name)
  const noticed = await noticedByWrong(system, variants)
  expect(noticed.map(variant => variant.name)).toEqual(variants.map(variant => variant.name))
  expect(noticed.length).toBeGreaterThan(0)
})
