/** State names with the numbers of lowered machines: their order in the machine. */
import { numbersOf } from '../../../checker/lower/typed.ts'
import { keeperMachine } from './keeper.ts'
import { registrantMachine } from './registrant.ts'
import { registrarMachine } from './registrar.ts'

export const { registrant: REGISTRANT } = numbersOf(registrantMachine)
export const { registrar: REGISTRAR } = numbersOf(registrarMachine)
export const { keeper: KEEPER } = numbersOf(keeperMachine)
