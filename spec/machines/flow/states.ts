/** State names with the numbers of lowered machines: their order in the machine. */
import { numbersOf } from '../../../checker/lower/typed.ts'
import { flowMachine } from './machine.ts'

export const { connection: CONNECTION, migration: MIGRATION } = numbersOf(flowMachine)
