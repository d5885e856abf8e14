/** Both machines with the names that their sources use, ready to be lowered into a world or into a running step. */

import { lower } from '../../../checker/lower/step.ts'
import { next, notBefore } from '../flow/serial.ts'
import { registrantMachine } from './registrant.ts'
import { registrarMachine } from './registrar.ts'

const scope = { next, notBefore }

export const registrant = lower(registrantMachine, scope)
export const registrar = lower(registrarMachine, scope)

/** States by name, as numbers. */
const numbered = <Name extends string>(...names: Name[]) =>
  Object.fromEntries(names.map((name, i) => [name, i])) as Record<Name, number>

export const REGISTRANT = numbered('UNREGISTERED', 'REGISTERING', 'REGISTERED', 'UNREGISTERING')
export const REGISTRAR = numbered('ABSENT', 'BOUND', 'EXPIRED', 'GONE')
