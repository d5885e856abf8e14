/**
 * The machines of registration, lowered: worlds inline them, and hosts and controllers run their steps. The names are
 * those that their sources use.
 */
import type { Interface } from '../../../checker/lower/kinds.ts'
import { lower } from '../../../checker/lower/step.ts'
import type { EffectOf, StateOf } from '../../../checker/lower/typed.ts'
import { next, notBefore } from '../flow/serial.ts'
import { KEEPER_FIELDS, type keeperEffects, keeperMachine } from './keeper.ts'
import { REGISTRANT_FIELDS, type registrantEffects, registrantMachine } from './registrant.ts'
import { REGISTRAR_FIELDS, type registrarEffects, registrarMachine } from './registrar.ts'

const scope = { next, notBefore }

export const registrant = lower(registrantMachine, scope)
export const registrar = lower(registrarMachine, scope)
export const keeper = lower(keeperMachine)

/** Addresses are identifiers; versions have 32 bits. */
const kinds = { opaque: ['address'], wide: ['space', 'version', 'known'] } as const

export const registrantInterface: Interface = { fields: REGISTRANT_FIELDS, ...kinds }
export const registrarInterface: Interface = { fields: REGISTRAR_FIELDS, ...kinds }
export const keeperInterface: Interface = { fields: KEEPER_FIELDS, opaque: [], wide: [] }

export type RegistrantState = StateOf<typeof registrantMachine>
export type RegistrantEffect = EffectOf<typeof registrantEffects>
export type RegistrarState = StateOf<typeof registrarMachine>
export type RegistrarEffect = EffectOf<typeof registrarEffects>
export type KeeperState = StateOf<typeof keeperMachine>
export type KeeperEffect = EffectOf<typeof keeperEffects>
