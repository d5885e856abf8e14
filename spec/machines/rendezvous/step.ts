/** The step of the rendezvous machine, which routers run. It is printed from the machine. */
import { compiled } from '../../../checker/lower/standalone.ts'
import { type RendezvousEffect, type RendezvousState, rendezvous, rendezvousInterface } from './compiled.ts'
import type { RendezvousEvent } from './machine.ts'

export const rendezvousStep = compiled<RendezvousState, RendezvousEvent, RendezvousEffect>(
  rendezvous,
  rendezvousInterface,
)
