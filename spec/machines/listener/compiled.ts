/** The listener machine, lowered: worlds inline it, and hosts run its step. */
import type { Interface } from '../../../checker/lower/kinds.ts'
import { lower } from '../../../checker/lower/step.ts'
import type { EffectOf, StateOf } from '../../../checker/lower/typed.ts'
import { LISTENER_FIELDS, type listenerEffects, listenerMachine } from './machine.ts'

export const listener = lower(listenerMachine)

/** It counts, and knows no identifier. */
export const listenerInterface: Interface = { fields: LISTENER_FIELDS }

export type ListenerState = StateOf<typeof listenerMachine>
export type ListenerEffect = EffectOf<typeof listenerEffects>
