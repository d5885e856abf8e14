/** Traces of a world that has nothing to do with SAL. */
import { expect, test } from 'vitest'
import { world } from '../lower/testing/smallWorld.ts'
import { bits } from '../lower/value.ts'
import { decode } from './decode.ts'
import { encode } from './encode.ts'
import type { Catalogue, TracedModel } from './model.ts'
import { recordTrace } from './record.ts'
import { replay } from './replay.ts'
import { settingOf } from './setting.ts'

interface W {
  count: number
}

const counter: TracedModel = {
  name: 'counter',
  bounds: { start: { default: 0, min: 0, max: 3 } },
  invariants: {
    safety: [{ id: 'low', name: 'low', sentence: 'The count stays below 3.' }],
    recoveries: [],
    liveness: [],
  },
  world: ({ start = 0 }, replacement) =>
    world(
      { count: bits(4, start) },
      {
        scope: { STEP: 1, ...replacement?.scope },
        rules: [
          {
            name: 'add',
            kind: 'protocol',
            when: (w: W) => w.count < 6,
            take: (w: W) => {
              w.count = w.count + STEP
            },
          },
        ],
        invariants: [{ id: 'low', holds: (w: W) => w.count !== 3 }],
      },
    ),
  actors: () => [],
  describe: () => ({ kind: 'none', from: 0, to: 0 }),
}
declare const STEP: number

const catalogue: Catalogue = {
  models: [counter],
  defects: [{ id: 'doubled', replacement: { scope: { STEP: 2 } } }],
}

test('a trace of any model is recorded, written, read and replayed', async () => {
  const setting = settingOf({ model: 'counter', bounds: {} }, catalogue)
  const violation = { id: 'low', kind: 'invariant' } as const
  const trace = recordTrace(setting, [0, 0, 0], { source: 'hand', violation })
  expect(trace.title).toBe('counter: The count stays below 3.')
  expect(trace.steps.map(({ choice, changes, failed }) => ({ choice, changes, failed }))).toEqual([
    { choice: 'add', changes: { count: [0, 1] }, failed: [] },
    { choice: 'add', changes: { count: [1, 2] }, failed: [] },
    { choice: 'add', changes: { count: [2, 3] }, failed: ['low'] },
  ])
  const read = decode(encode(trace))
  expect(read).toEqual(trace)
  expect(await replay(read, catalogue)).toMatchObject({ asExpected: true, violated: ['low'], notices: [] })
})

test('bounds and defects come from the catalogue', async () => {
  const variant = { model: 'counter', bounds: { start: 1 }, defect: 'doubled' }
  const setting = settingOf(variant, catalogue)
  expect(setting.variant).toEqual(variant)
  const trace = recordTrace(setting, [0], { source: 'hand' })
  expect(trace.steps[0]).toMatchObject({ changes: { count: [1, 3] }, failed: ['low'] })
  const { defect: _, ...sound } = trace
  expect(await replay(sound, catalogue)).toMatchObject({ asExpected: true, divergence: { part: 'changes' } })
  expect(() => settingOf({ model: 'other', bounds: {} }, catalogue)).toThrow(/^TRACE_MODEL: .*counter/)
  expect(() => settingOf({ ...variant, bounds: { start: 4 } }, catalogue)).toThrow(/^TRACE_BOUND: .*0 to 3/)
  expect(() => settingOf({ ...variant, defect: 'D1' }, catalogue)).toThrow(/^TRACE_NAME: .*doubled/)
})
