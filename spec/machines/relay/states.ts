/** State names with the numbers of the lowered machine: their order in the machine. */
import { numbersOf } from '../../../checker/lower/typed.ts'
import { relayMachine } from './machine.ts'

export const { relay: RELAYING } = numbersOf(relayMachine)
