/** The rendezvous machine with the names that its sources use, and its step as one function, for real routers. */

import type { Interface } from '../../../checker/lower/kinds.ts'
import { type StepFunction, stepFunction } from '../../../checker/lower/standalone.ts'
import { lower } from '../../../checker/lower/step.ts'
import { RSYN, RSYNACK } from '../flow/packets.ts'
import { RENDEZVOUS_FIELDS, rendezvousMachine } from './machine.ts'

export const rendezvous = lower(rendezvousMachine, { RSYN, RSYNACK })

/** What a rendezvous takes in. */
export const rendezvousInterface: Interface = {
  fields: RENDEZVOUS_FIELDS,
  opaque: ['holder', 'address'],
  wide: ['version'],
}

let made: StepFunction | undefined

/** The step, printed and loaded when it is first asked for. */
export const rendezvousStep = (): StepFunction => {
  made ??= stepFunction(rendezvous, rendezvousInterface)
  return made
}
