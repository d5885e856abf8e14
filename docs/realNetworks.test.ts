/** Keeps real-networks.md true: its table has the faults of the lab, in their order. */
import { expect, test } from 'vitest'
import { SCENARIOS } from '../bench/lab/scenarios.ts'
import { page, tableOf } from './pages.ts'

test('the faults of the lab', () => {
  const shown = tableOf(page('docs/real-networks.md'), 'run').map(([name = '', fault = '']) => [
    name.replaceAll('`', ''),
    fault.replace(', which takes a second', ''),
  ])
  expect(shown).toEqual(SCENARIOS.map(({ name, fault }) => [name, fault]))
})
