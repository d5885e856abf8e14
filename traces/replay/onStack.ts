/**
 * Replays a trace on the real stack, in lockstep with the model: each choice is made on both, and after it both have
 * the same states, registers and packets. A trace that was recorded with a defect is followed as far as the sound
 * machine goes along; where the defect shows, the stack does what the sound model does, and not what was recorded.
 */

import type { Trace, TraceStep } from '../../checker/trace/format.ts'
import { settingOf } from '../../checker/trace/setting.ts'
import { catalogue, type SalSetting } from '../catalogue.ts'
import type { Difference } from './compare.ts'
import { Lockstep } from './lockstep.ts'

export interface StackReplay {
  /** Steps that the stack and the model took together. */
  readonly steps: number
  /** Steps of the trace. */
  readonly recorded: number
  /**
   * `same`: all of them, the same. `defect`: the same as far as the sound model goes; then the trace shows its defect.
   * `limit`: the same as far as the model can be compared. `different`: the stack is not the model.
   */
  readonly outcome: 'same' | 'defect' | 'limit' | 'different'
  /** The step at which it ended early, and what there was. */
  readonly at?: { readonly step: number; readonly choice: string; readonly difference: Difference }
}

/** Throws what `settingOf` throws. */
export function replayOnStack(trace: Trace, settings = soundSetting): StackReplay {
  const lockstep = new Lockstep(settings(trace))
  const recorded = trace.steps.length
  for (const [index, wanted] of trace.steps.entries()) {
    const end = (outcome: StackReplay['outcome'], difference: Difference): StackReplay => ({
      ...{ steps: index, recorded, outcome },
      at: { step: index + 1, choice: wanted.choice, difference },
    })
    const choice = lockstep.choices().find(({ label }) => label === wanted.choice)
    if (!choice) return end('defect', { part: 'choice', model: 'cannot be made', stack: '' })
    const { step, difference, limit } = lockstep.take(choice)
    if (limit) return end('limit', { part: 'model', model: limit, stack: '' })
    if (difference) return end('different', difference)
    const departure = departureOf(wanted, step)
    if (departure) return { ...end('defect', departure), steps: index + 1 }
  }
  return { steps: recorded, recorded, outcome: 'same' }
}

/** Returns the setting of the trace without its defect. */
export const soundSetting = ({ model, bounds }: Trace): SalSetting => settingOf({ model, bounds }, catalogue)

/** Where the recorded step is not what the sound model, and with it the stack, does: `model` is the recorded one. */
function departureOf(recorded: TraceStep, done: TraceStep): Difference | undefined {
  for (const part of ['sent', 'changes', 'fired'] as const) {
    const [model, stack] = [JSON.stringify(recorded[part]), JSON.stringify(done[part])]
    if (model !== stack) return { part, model, stack }
  }
  return undefined
}
