/** The relay machine, lowered: worlds inline it, and relays run its step. The names are those that its sources use. */
import type { Interface } from '../../../checker/lower/kinds.ts'
import { lower } from '../../../checker/lower/step.ts'
import type { EffectOf, StateOf } from '../../../checker/lower/typed.ts'
import { RST, SYNACK } from '../flow/packets.ts'
import { RELAY_FIELDS, type relayEffects, relayMachine } from './machine.ts'

export const relay = lower(relayMachine, { RST, SYNACK })

export const relayInterface: Interface = {
  fields: RELAY_FIELDS,
  opaque: ['client', 'server', 'serverFlow', 'from', 'to', 'flow'],
  wide: [],
}

export type RelayState = StateOf<typeof relayMachine>
export type RelayEffect = EffectOf<typeof relayEffects>
