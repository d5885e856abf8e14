import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/search/explore.ts'
import { SLOW } from '../../checker/testing/limits.ts'
import { must } from '../../checker/text/at.ts'
import { defects } from './index.ts'
import { reportOf } from './report.ts'
import { boundsOf, brokenWorld, readCaught } from './results.ts'

const results = readCaught()

describe('results', () => {
  test('exist for every defect in every model that shows it', () => {
    const shown = defects.flatMap(({ id, shownBy }) =>
      shownBy.map(one => ({ defect: id, model: one.model, bounds: boundsOf(one) })),
    )
    expect(results.map(({ by: _, ...where }) => where)).toEqual(shown)
  })

  test('show that each defect is caught', () => {
    expect(results.filter(({ by }) => by.length === 0)).toEqual([])
  })

  test('match docs/defects.md', () => {
    const text = readFileSync(new URL('../../docs/defects.md', import.meta.url), 'utf8')
    expect(text).toBe(reportOf(results))
  })
})

/** Defects that an invariant catches soon. */
const quick = results.filter(({ by: [first] }) => must(first).kind === 'invariant' && must(first).steps <= 6)

test.for(quick.map(row => [`${row.defect} in ${row.model}`, row] as const))(
  '%s is still caught',
  SLOW,
  async ([, { defect: id, model, by }]) => {
    const defect = must(defects.find(one => one.id === id))
    const shown = must(defect.shownBy.find(one => one.model === model))
    const [first] = by
    const { violations } = await explore(brokenWorld(defect, shown), {
      invariants: [must(first).id],
      stop: 'first',
    })
    expect(violations.map(one => [one.id, one.rules.length])).toEqual([[must(first).id, must(first).steps]])
  },
)
