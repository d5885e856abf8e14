import { expect, test } from 'vitest'
import { Silent } from './silent.ts'

test('a silent connection ends at the third sweep; one that greets stays', () => {
  const [silent, slow, late] = [{ hasGreeted: false }, { hasGreeted: false }, { hasGreeted: false }]
  const sweeps = new Silent<{ hasGreeted: boolean }>()
  expect(sweeps.sweep([silent, slow])).toEqual([])
  expect(sweeps.sweep([silent, slow, late])).toEqual([])
  slow.hasGreeted = true
  expect(sweeps.sweep([silent, slow, late])).toEqual([silent])
  expect(sweeps.sweep([slow, late])).toEqual([late])
  expect(sweeps.sweep([slow])).toEqual([])
})

test('a connection opened while the process was suspended survives the first sweep after it', () => {
  const sweeps = new Silent<{ hasGreeted: boolean }>()
  expect(sweeps.sweep([])).toEqual([])
  expect(sweeps.sweep([{ hasGreeted: false }])).toEqual([])
})
