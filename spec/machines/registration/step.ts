/** The steps of both machines as functions, for real hosts and controllers. */
import type { Interface } from '../../../checker/lower/kinds.ts'
import { type StepFunction, stepFunction } from '../../../checker/lower/standalone.ts'
import { registrant, registrar } from './lowered.ts'

/** Addresses are identifiers; versions have 32 bits. */
const kinds = { opaque: ['address'], wide: ['space', 'version', 'known'] } as const

export const registrantInterface: Interface = {
  fields: {
    BIND: ['address'],
    MOVE: ['address'],
    UNBIND: [],
    CONFIRMED: ['version'],
    TIMEOUT: [],
    GIVEUP: [],
  },
  ...kinds,
}

export const registrarInterface: Interface = {
  fields: { REGISTER: ['version', 'address'], UNREGISTER: ['version'], STORED: [], EXPIRE: [] },
  ...kinds,
}

let ofRegistrant: StepFunction | undefined
let ofRegistrar: StepFunction | undefined

/** The step, printed and loaded when it is first asked for. */
export const registrantStep = (): StepFunction => {
  ofRegistrant ??= stepFunction(registrant, registrantInterface)
  return ofRegistrant
}

/** The step, printed and loaded when it is first asked for. */
export const registrarStep = (): StepFunction => {
  ofRegistrar ??= stepFunction(registrar, registrarInterface)
  return ofRegistrar
}
