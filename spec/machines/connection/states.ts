/** State names with the numbers of the lowered machine: their order in the machine. */
import { numbersOf } from '../../../checker/lower/typed.ts'
import { connectionMachine } from './machine.ts'

export const { flows: ENDS } = numbersOf(connectionMachine)
