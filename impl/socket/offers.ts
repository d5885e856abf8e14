/** The services that programs listen to on a stack, for those who tell others of them. */
import { EventEmitter } from 'node:events'
import { printServiceId } from '../sal/serviceId.ts'
import { type Service, serviceOf, serviceText } from './services.ts'

/** Event: `change` (64 digits), when a service is listened to, or is not any more. */
export class Offers extends EventEmitter {
  /** By 64 digits, as the program named it. */
  readonly names = new Map<string, string>()

  set(service: Service, isOffered: boolean): void {
    const id = printServiceId(serviceOf(service))
    if (isOffered) this.names.set(id, serviceText(service))
    else this.names.delete(id)
    this.emit('change', id)
  }
}
