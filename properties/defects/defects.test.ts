import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { defects } from './index.ts'
import { reportOf } from './report.ts'
import { boundsOf, readCaught } from './results.ts'
import { foundAgain, nameOf, quick, recordedOf } from './testing/again.ts'

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

/** Models that are lowered quickly. The corpus has a trace of every defect, and `defects.long.ts` searches for more. */
const SAMPLE = ['delay', 'resolution', 'registration']

test.for(quick.filter(({ model }) => SAMPLE.includes(model)).map(row => [nameOf(row), row] as const))(
  '%s is still caught',
  SLOW,
  async ([, row]) => {
    expect(await foundAgain(row)).toEqual(recordedOf(row))
  },
)
