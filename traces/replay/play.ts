/** Which models the stack plays, and by what. */

import type { Choice, Recorder } from '../../checker/trace/recorder.ts'
import { isFlowModel } from '../../spec/worlds/flow/scene.ts'
import { flows } from '../../spec/worlds/flows/model.ts'
import type { Model } from '../../spec/worlds/model.ts'
import type { SalSetting } from '../catalogue.ts'
import { FlowsLockstep } from './flows/lockstep.ts'
import { Lockstep, type Taken, UNPLAYED } from './lockstep.ts'

/** A model and the stack, which take the same choices. */
export interface Play {
  /** The model's side: its state, and the choices there. */
  readonly recorder: Recorder
  /** Makes a choice on both, and compares the results. */
  take(choice: Choice): Taken
}

export const isPlayed = (model: Model): boolean =>
  model.name === flows.name || (isFlowModel(model) && !UNPLAYED.has(model.name))

/** Throws TRACE_STACK for a model that the stack cannot play. */
export const play = (setting: SalSetting): Play =>
  setting.model.name === flows.name ? new FlowsLockstep(setting) : new Lockstep(setting)
