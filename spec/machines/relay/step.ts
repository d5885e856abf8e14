/** The step of the relay machine, which relays run. It is printed from the machine. */
import { compiled } from '../../../checker/lower/standalone.ts'
import { type RelayEffect, type RelayState, relay, relayInterface } from './compiled.ts'
import type { RelayEvent } from './machine.ts'

export const relayStep = compiled<RelayState, RelayEvent, RelayEffect>(relay, relayInterface)
