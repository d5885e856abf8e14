/**
 * The machines of registration, lowered: worlds inline them, and hosts and controllers run their steps. The names are
 * those that their sources use.
 */
import type { Interface } from '../../../checker/lower/kinds.ts'
import { lower } from '../../../checker/lower/step.ts'
import type { EffectOf, StateOf } from '../../../checker/lower/typed.ts'
import { next, notBefore } from '../flow/serial.ts'
import { REGISTRANT_FIELDS, type registrantEffects, registrantMachine } from './registrant.ts'
import { REGISTRAR_FIELDS, type registrarEffects, registrarMachine } from './registrar.ts'

const scope = { next, notBefore }

export const registrant = lower(registrantMachine, scope)
export const registrar = lower(registrarMachine, scope)

/** Addresses are identifiers; versions have 32 bits. */
const kinds = { opaque: ['address'], wide: ['space', 'version', 'known'] } as const

export const registrantInterface: Interface = { fields: REGISTRANT_FIELDS, ...kinds }
export const registrarInterface: Interface = { fields: REGISTRAR_FIELDS, ...kinds }

export type RegistrantState = StateOf<typeof registrantMachine>
export type RegistrantEffect = EffectOf<typeof registrantEffects>
export type RegistrarState = StateOf<typeof registrarMachine>
export type RegistrarEffect = EffectOf<typeof registrarEffects>
