/**
 * Addresses that stand for services inside one process, for programs that look a host up before they connect. They are
 * loopback addresses, so that a packet which is sent to one by mistake stays on the machine.
 */
import { must } from '../../checker/text/at.ts'
import { socketError } from '../sockets/errors.ts'

/** The first two bytes of such an address; 127.0.0.0/8 is loopback. */
const PREFIX = '127.83'

/** Two bytes, without the first and the last address. */
const MOST = 2 ** 16 - 2

export class StandIns {
  readonly #addresses = new Map<string, string>()
  readonly #services = new Map<string, string>()

  /** Returns the address that stands for a service from now on. Throws ENOBUFS. */
  addressOf(service: string): string {
    if (!this.#addresses.has(service)) {
      const number = this.#addresses.size + 1
      if (number > MOST)
        throw socketError('ENOBUFS', 'lookup', { sentence: `this process has looked up ${MOST} services` })
      const address = `${PREFIX}.${number >> 8}.${number & 0xff}`
      this.#addresses.set(service, address)
      this.#services.set(address, service)
    }
    return must(this.#addresses.get(service))
  }

  /** Returns the service that an address stands for; undefined for other addresses. */
  serviceOf(address: string): string | undefined {
    return this.#services.get(address.replace(/^::ffff:/, ''))
  }
}
