/** The flow machine's step as one function, for real flows: the same statements as in the models, on 32-bit versions. */
import type { Interface } from '../../../checker/lower/kinds.ts'
import { type StepFunction, stepFunction } from '../../../checker/lower/standalone.ts'
import { EVENT_FIELDS, opaqueFields } from './events.ts'
import { flow } from './lowered.ts'
import { opaqueRegisters } from './registers.ts'

/** What a flow takes in: its events' fields, which of them are identifiers, and which have 32 bits. */
export const flowInterface: Interface = {
  fields: EVENT_FIELDS,
  opaque: [...opaqueRegisters, ...opaqueFields],
  wide: ['space', 'sndNxt', 'rcvNxt', 'verno', 'ackno', 'peerVerno'],
}

let made: StepFunction | undefined

/** The step, printed and loaded when it is first asked for. */
export const flowStep = (): StepFunction => {
  made ??= stepFunction(flow, flowInterface)
  return made
}
