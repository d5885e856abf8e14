/** The listener machine's step as one function, for real listeners. */
import type { Interface } from '../../../checker/lower/kinds.ts'
import { type StepFunction, stepFunction } from '../../../checker/lower/standalone.ts'
import { lower } from '../../../checker/lower/step.ts'
import { LISTENER_FIELDS, listenerMachine } from './machine.ts'

/** What a listener takes in. */
export const listenerInterface: Interface = {
  fields: LISTENER_FIELDS,
}

export const listener = lower(listenerMachine)

let made: StepFunction | undefined

/** The step, printed and loaded when it is first asked for. */
export const listenerStep = (): StepFunction => {
  made ??= stepFunction(listener, listenerInterface)
  return made
}
