/** Two small defects of the flow machine for tests of traces and fuzzing, quick to find and shown by `two-party`. */

import { lower } from '../../checker/lower/step.ts'
import { flowScope } from '../../spec/machines/flow/compiled.ts'
import { flowMachine } from '../../spec/machines/flow/machine.ts'
import type { Defect } from './defect.ts'

const broken = (id: string, sentence: string, guards: Record<string, () => boolean>): Defect => ({
  id,
  sentence,
  shownBy: [{ model: 'two-party' }],
  replacement: { machines: { flow: lower(flowMachine.provide({ guards }), flowScope) } },
})

/** Breaks invariants 19 and 39, in 7 steps and no fewer. */
export const credulous = broken('credulous', 'Every ackno acknowledges everything.', {
  acknowledges: () => true,
})

/** Loses recoveries 24 and 38: a move never ends. */
export const wedged = broken('wedged', 'No proof of a new address is ever taken for one.', {
  sentAfterVersion: () => false,
})
