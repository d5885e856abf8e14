/** The services and prefixes that programs listen to on a stack, for agents that register them with controllers. */
import { EventEmitter } from 'node:events'
import { printPrefix } from '../host/services/serviceId.ts'
import { listenedOf, type Service, serviceText } from './services.ts'

/** Emits `change` (64 digits; for a prefix with `/bits`) when the first program starts to listen, or the last one stops. */
export class Offers extends EventEmitter {
  /** From these digits to the name that the program gave. */
  readonly names = new Map<string, string>()

  set(service: Service, isOffered: boolean): void {
    const id = printPrefix(listenedOf(service))
    if (isOffered) this.names.set(id, serviceText(service))
    else this.names.delete(id)
    this.emit('change', id)
  }
}
