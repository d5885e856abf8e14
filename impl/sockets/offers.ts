/** The services and prefixes that programs listen at on a stack, for those who tell others of them. */
import { EventEmitter } from 'node:events'
import { printPrefix } from '../host/services/serviceId.ts'
import { listenedOf, type Service, serviceText } from './services.ts'

/** Event: `change` (64 digits, of a prefix with `/bits`), when it is listened at, or is not any more. */
export class Offers extends EventEmitter {
  /** By these digits, as the program named it. */
  readonly names = new Map<string, string>()

  set(service: Service, isOffered: boolean): void {
    const id = printPrefix(listenedOf(service))
    if (isOffered) this.names.set(id, serviceText(service))
    else this.names.delete(id)
    this.emit('change', id)
  }
}
