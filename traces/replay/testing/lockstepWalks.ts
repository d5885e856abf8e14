/** For tests: random walks through models, each step of which the stack takes too. */
import { Chooser } from '../../../checker/fuzz/chooser.ts'
import { settingOf } from '../../../checker/trace/setting.ts'
import { salWeighting } from '../../../properties/weighting.ts'
import { chooser } from '../../../spec/machines/flow/testing/draw.ts'
import { models } from '../../../spec/worlds/index.ts'
import type { Bounds } from '../../../spec/worlds/model.ts'
import { catalogue } from '../../catalogue.ts'
import type { Difference } from '../compare.ts'
import { isPlayed, play } from '../play.ts'

/** The most steps of a walk. */
const STEPS = 120

/** The server of this model is a prototype, and its field `fin` says whether an ACK names the service. */
const OTHER_STACK = 'prototype-server'

/** The models whose every step the stack can take. */
export const playedModels = models.filter(model => model.name !== OTHER_STACK && isPlayed(model))

/** The steps taken in all walks, and the first difference between model and stack. */
export interface Walked {
  readonly steps: number
  readonly difference?: Difference
  /** The step at which they differ. */
  readonly where?: string
}

/** Takes `walks` walks through a model, at its default bounds but for `bounds`. */
export function walkInLockstep(model: string, walks: number, bounds: Bounds = {}): Walked {
  const setting = settingOf({ model, bounds }, catalogue)
  const weighted = new Chooser(setting.world, salWeighting)
  let steps = 0
  for (let walk = 0; walk < walks; walk++) {
    const draw = chooser(walk)
    const mood = weighted.mood(Array.from({ length: weighted.families }, () => draw(1000)))
    const lockstep = play(setting)
    for (let i = 0; i < STEPS; i++) {
      const choices = lockstep.recorder.choices()
      const rules = choices.map(({ rule }) => rule)
      const rule = weighted.choose(lockstep.recorder.state, rules, mood, draw(2 ** 31))
      const choice = choices.find(one => one.rule === rule)
      if (choice === undefined) break
      const { difference, limit } = lockstep.take(choice)
      if (difference !== undefined)
        return { steps, difference, where: `${choice.label} after ${i} steps of walk ${walk}` }
      if (limit !== undefined) break
      steps++
    }
  }
  return { steps }
}
