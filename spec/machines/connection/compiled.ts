/** The machine of a connection, lowered: worlds inline it, and hosts run its step. The names are those that its sources use. */
import type { Interface } from '../../../checker/lower/kinds.ts'
import { lower } from '../../../checker/lower/step.ts'
import type { EffectOf, StateOf } from '../../../checker/lower/typed.ts'
import { next, notBefore } from '../flow/serial.ts'
import { CONNECTION_FIELDS } from './events.ts'
import { type connectionEffects, connectionMachine, MOST_COPIES, wanted, without } from './machine.ts'
import { ENDED } from './reasons.ts'

export const connection = lower(connectionMachine, { next, notBefore, without, wanted, MOST_COPIES, ENDED })

export const connectionInterface: Interface = { fields: CONNECTION_FIELDS, opaque: [] }

export type ConnectionState = StateOf<typeof connectionMachine>
export type ConnectionEffect = EffectOf<typeof connectionEffects>
