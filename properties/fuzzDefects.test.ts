import { expect, test } from 'vitest'
import { fuzz } from '../checker/fuzz/fuzz.ts'
import { walk } from '../checker/search/walk.ts'
import { SLOW } from '../checker/testing/limits.ts'
import { at, must } from '../checker/text/at.ts'
import { models } from '../spec/worlds/index.ts'
import { defects } from './defects/index.ts'
import { salWeighting } from './weighting.ts'

/** Random walks find these as well as the search does. */
const FOUND = ['D1', 'D2', 'D3', 'D5', 'D8', 'D9']

test.each(FOUND)('fuzzing finds %s', SLOW, async id => {
  const { shownBy, replacement } = must(defects.find(known => known.id === id))
  const { model: name, bounds } = at(shownBy, 0)
  const model = must(models.find(known => known.name === name))
  const defaults = Object.fromEntries(
    Object.entries(model.bounds).map(([bound, { default: value }]) => [bound, value]),
  )
  const world = model.world({ ...defaults, ...bounds }, replacement)
  const { verdict, violation } = await fuzz(world, {
    runs: 3000,
    steps: 200,
    seed: 1,
    weighting: salWeighting,
  })
  expect(verdict).toBe('violated')
  if (must(violation).kind === 'recovery') return
  const walker = walk(world.system)
  const end = must(violation).rules.reduce(
    (step, rule) => walker.take(step.state, rule),
    walker.look(walker.initial()),
  )
  expect(end.failed).toContain(must(violation).id)
})
