/** The rendezvous machine, lowered: worlds inline it, and routers run its step. The names are those that its sources use. */
import type { Interface } from '../../../checker/lower/kinds.ts'
import { lower } from '../../../checker/lower/step.ts'
import type { EffectOf, StateOf } from '../../../checker/lower/typed.ts'
import { RSYN, RSYNACK } from '../flow/packets.ts'
import { RENDEZVOUS_FIELDS, type rendezvousEffects, rendezvousMachine } from './machine.ts'

export const rendezvous = lower(rendezvousMachine, { RSYN, RSYNACK })

export const rendezvousInterface: Interface = {
  fields: RENDEZVOUS_FIELDS,
  opaque: ['holder', 'address'],
  wide: ['version'],
}

export type RendezvousState = StateOf<typeof rendezvousMachine>
export type RendezvousEffect = EffectOf<typeof rendezvousEffects>
