/** The states by name, with the numbers that lowered machines use: their order in the machine. */
import { numbersOf } from '../../../checker/lower/typed.ts'
import { flowMachine } from './machine.ts'

export const { connection: CONNECTION, migration: MIGRATION } = numbersOf(flowMachine)
