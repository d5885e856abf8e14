/**
 * Refuses connects to a port that nobody has, as TCP does, instead of waiting for the dead: they ask another instance, or end. An ICMP proves little, because
 * others can forge it. So it ends only connects in progress, and never a connection.
 */
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import type { Address } from '../link/link.ts'
import { watchPort } from '../link/portWatch.ts'
import type { Handle } from './handle.ts'

/** A handshake that is answered sooner needs no question, ms: most are, in a local network. */
const ASK_AFTER_MS = 20
/** The most destinations that are asked at once; each takes a socket. Connects to others wait for an answer alone. */
const MOST_ASKED = 64

/** A destination, and the connects to it that are in progress. */
interface Asked {
  readonly connects: Set<Handle>
  stop(): void
}

export class Refusals {
  readonly #asked = new Map<Address, Asked>()

  /** The connection has just been opened, from `from` to `to`. */
  watch(handle: Handle, from: Address, to: Address): void {
    const { seeker } = handle.flow
    const places = [to]
    this.#add(handle, from, to)
    if (seeker !== undefined)
      seeker.onTurn = next => {
        places.push(next)
        this.#add(handle, from, next)
      }
    // Called again when the connection is over.
    handle.onAnswered = () => {
      for (const place of places.splice(0)) this.#remove(handle, place)
    }
  }

  #add(handle: Handle, from: Address, to: Address): void {
    const asked = this.#asked.get(to) ?? this.#ask(from, to)
    asked?.connects.add(handle)
  }

  #remove(handle: Handle, to: Address): void {
    const asked = this.#asked.get(to)
    if (!asked?.connects.delete(handle) || asked.connects.size > 0) return
    this.#asked.delete(to)
    asked.stop()
  }

  #ask(from: Address, to: Address): Asked | undefined {
    if (this.#asked.size >= MOST_ASKED) return undefined
    const connects = new Set<Handle>()
    const refuse = (): void => {
      for (const handle of [...connects]) {
        const { flow, driver } = handle
        if (flow.connection !== CONNECTION.REQUEST) continue
        this.#remove(handle, to)
        if (driver.host.refused(flow, to, driver.now())) driver.kick()
        else handle.fail('ECONNREFUSED', 'connect')
      }
    }
    let stop = (): void => clearTimeout(timer)
    const timer = setTimeout(() => {
      stop = watchPort(from, to, refuse)
    }, ASK_AFTER_MS).unref()
    const asked: Asked = { connects, stop: () => stop() }
    this.#asked.set(to, asked)
    return asked
  }
}
