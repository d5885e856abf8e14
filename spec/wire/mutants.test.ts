import { expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { KINDS } from '../machines/flow/packets.ts'
import { WIRE_SENTENCES } from './faults.ts'
import { decodeMutants } from './testing/decodeMutants.ts'

const RUNS = 8

test('decodes mutants without reading beyond them, like the naive decoder', SLOW, () => {
  const { count, seen } = decodeMutants(RUNS)
  expect(count).toBeGreaterThanOrEqual(65_000)
  // The mutants reach every fault and every kind of packet.
  const names = [...Object.keys(WIRE_SENTENCES), ...KINDS.slice(1)]
  expect(names.filter(name => (seen.get(name) ?? 0) < 50)).toEqual([])
})
