/** Units and replies of strangers: what is no unit is rejected, and a reply counts only if it shows what it claims. */
import { describe, expect, test } from 'vitest'
import { batchWalks } from '../../checker/fuzz/fuzz.ts'
import { at, must } from '../../checker/text/at.ts'
import { generatePlan } from '../../properties/simulator/generate.ts'
import { mergeFuzzed } from '../fuzz/merge.ts'
import { type FuzzReply, type FuzzRequest, fuzzUnits, takeFuzzUnit } from '../fuzz/unit.ts'
import { mergeSimulated } from '../simulate/merge.ts'
import type { SimulateReply, SimulateRequest } from '../simulate/unit.ts'
import { decodeRecord, decodeReply, decodeUnit, encodeRecord, encodeUnit, unitsOf } from './messages.ts'

const FUZZ: FuzzRequest = {
  ...{ kind: 'fuzz', seed: 1, runs: 2, steps: 50_000 },
  jobs: [{ variant: { model: 'resolution', bounds: {}, defect: 'S43' }, demanding: false }],
}
const unit = at(unitsOf(FUZZ).flat(), 0)
const job = at(FUZZ.jobs, 0)

describe('a message', () => {
  test('is decoded as it was encoded', () => {
    expect(decodeUnit(encodeUnit('id', 7, unit))).toEqual({ of: 'id', index: 7, unit })
    expect(decodeRecord(encodeRecord(FUZZ)).request).toEqual(FUZZ)
  })

  test.for([
    ['a kind that does not exist', { ...unit, kind: 'shell' }],
    ['walks for years', { ...unit, runs: 1e12 }],
    ['walks too long', { ...unit, steps: 1e9 }],
    ['a seed that is none', { ...unit, seed: -1 }],
    ['a bound that is no number', { ...unit, job: { ...job, variant: { model: 'x', bounds: { a: '1' } } } }],
    ['hosts without end', { kind: 'simulate', seed: 1, runs: 1, hosts: 1e6, routers: 0, instances: 1 }],
    ['threads without end', { kind: 'check', job, invariants: 'all', workers: 1e6, memoryMb: 1 }],
  ])('with %s is rejected', ([, wrong]) => {
    const text = JSON.stringify({ of: 'id', index: 1, unit: wrong })
    expect(() => decodeUnit(text)).toThrow(/ is .* and should be | is missing/)
  })

  test('that is too large, too deep or no JSON is rejected', () => {
    expect(() => decodeUnit(encodeUnit('x'.repeat(70_000), 1, unit))).toThrow('longer than 65536')
    expect(() => decodeReply('['.repeat(100))).toThrow('nested')
    expect(() => decodeReply('{')).toThrow('syntax')
  })
})

test('the units of a request together are the walks of one fuzzing, and stay few', () => {
  const batch = batchWalks(300)
  const units = fuzzUnits({ ...FUZZ, steps: 300, runs: 1_000_000_000 }).flat()
  expect(units.length).toBeLessThanOrEqual(1000)
  expect(units.reduce((sum, { runs }) => sum + runs, 0)).toBe(1_000_000_000)
  units.reduce((next, { firstBatch, runs }) => {
    expect(firstBatch).toBe(next)
    return next + runs / batch
  }, 0)
})

describe('merging', () => {
  test('reports equal findings once, and forged ones as failures', async () => {
    const real = await takeFuzzUnit(at(fuzzUnits(FUZZ).flat(), 0), { progress: () => {} })
    const violation = must(real.violation)
    const merge = (...replies: FuzzReply[]) => mergeFuzzed(job, { ...FUZZ, runs: 2 * real.runs }, replies)
    const both = merge(real, real)
    expect(both).toMatchObject({ verdict: 'violated', runs: 2 * real.runs })
    expect(both.findings).toHaveLength(1)
    expect(both).not.toHaveProperty('reason')
    for (const forged of [
      { ...real, coverage: [1] },
      { ...real, violation: { ...violation, rules: violation.rules.slice(0, -1) } },
      { ...real, violation: { ...violation, rules: [999_999] } },
    ])
      expect(merge(forged, real).reason).toMatch(/^a worker's reply does not fit its unit: /)
    const { violation: _, ...clean } = real
    expect(merge(clean, clean).verdict).toBe('holds')
    expect(merge({ ...clean, coverage: [1] }, { ...clean, runs: 1000 }).verdict).toBe('incomplete')
  })

  test('simulates the plan of a failure again', () => {
    const request: SimulateRequest = {
      ...{ kind: 'simulate', seed: 1, runs: 1, hosts: 2, routers: 0, instances: 1, faults: 'none' },
    }
    const plan = generatePlan({ seed: 1, hosts: 2, faults: 'none' })
    const sums = { runs: 1, flows: 1, excused: 0, steps: 1, packets: 1, forwarded: 0, relayed: 0, heard: 0 }
    const reply: SimulateReply = {
      ...{ kind: 'simulate', ...sums, seconds: 1, missed: [] },
      violation: { plan, seed: 1, unshrunk: 1 },
    }
    expect(mergeSimulated(request, [reply])).toMatchObject({
      ...{ verdict: 'incomplete', failures: [] },
      reason: expect.stringContaining('its plan breaks no rule'),
    })
  })
})
