/** The rendezvous machine, lowered: worlds inline it, and routers run its step. The names are those that its sources use. */
import type { Interface } from '../../../checker/lower/kinds.ts'
import { lower } from '../../../checker/lower/step.ts'
import { compiled, type EffectOf, type StateOf } from '../../../checker/lower/typed.ts'
import { RSYN, RSYNACK } from '../flow/packets.ts'
import {
  RENDEZVOUS_FIELDS,
  type RendezvousEvent,
  type rendezvousEffects,
  rendezvousMachine,
} from './machine.ts'

export const rendezvous = lower(rendezvousMachine, { RSYN, RSYNACK })

export const rendezvousInterface: Interface = {
  fields: RENDEZVOUS_FIELDS,
  opaque: ['holder', 'address'],
  wide: ['version'],
}

export type RendezvousState = StateOf<typeof rendezvousMachine>
export type RendezvousEffect = EffectOf<typeof rendezvousEffects>

export const rendezvousStep = compiled<RendezvousState, RendezvousEvent, RendezvousEffect>(
  rendezvous,
  rendezvousInterface,
)
