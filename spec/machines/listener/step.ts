/** The step of the listener machine, which hosts run. It is printed from the machine. */
import { compiled } from '../../../checker/lower/standalone.ts'
import { type ListenerEffect, type ListenerState, listener, listenerInterface } from './compiled.ts'
import type { ListenerEvent } from './machine.ts'

export const listenerStep = compiled<ListenerState, ListenerEvent, ListenerEffect>(
  listener,
  listenerInterface,
)
