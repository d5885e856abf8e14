/**
 * Replays a trace on the real stack, in lockstep with the model: both make each choice, and afterwards both must have the
 * same states, registers and packets. The model runs without the trace's defect, so the replay ends where the defect shows.
 */

import type { Trace, TraceStep } from '../../checker/trace/format.ts'
import { settingOf } from '../../checker/trace/setting.ts'
import { catalogue, type SalSetting } from '../catalogue.ts'
import type { Difference } from './compare.ts'
import { play } from './play.ts'

export interface StackReplay {
  /** Steps that the stack and the model took together. */
  readonly steps: number
  /** Steps of the trace. */
  readonly recorded: number
  /**
   * `same`: stack and model agree on all steps. `defect`: they agree up to the step at which the trace shows its defect.
   * `limit`: they agree as far as the model can be compared. `different`: the stack differs from the model.
   */
  readonly outcome: 'same' | 'defect' | 'limit' | 'different'
  /** The step at which the replay ended early, and the difference there. */
  readonly at?: { readonly step: number; readonly choice: string; readonly difference: Difference }
}

/** Throws the errors of `settingOf`. */
export function replayOnStack(trace: Trace, settings = soundSetting): StackReplay {
  const lockstep = play(settings(trace))
  const recorded = trace.steps.length
  for (const [index, wanted] of trace.steps.entries()) {
    const end = (outcome: StackReplay['outcome'], difference: Difference): StackReplay => ({
      ...{ steps: index, recorded, outcome },
      at: { step: index + 1, choice: wanted.choice, difference },
    })
    const choice = lockstep.recorder.choices().find(({ label }) => label === wanted.choice)
    if (!choice) return end('defect', { part: 'choice', model: 'is not enabled', stack: '' })
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

/** Returns the first part in which the recorded step (`model`) differs from the sound model's and the stack's (`stack`). */
function departureOf(recorded: TraceStep, done: TraceStep): Difference | undefined {
  for (const part of ['sent', 'changes', 'fired'] as const) {
    const [model, stack] = [JSON.stringify(recorded[part]), JSON.stringify(done[part])]
    if (model !== stack) return { part, model, stack }
  }
  return undefined
}
