/**
 * The stack's rendezvous, on its own host beside the ends of a flow. Ends send it the packets that their moves retransmit. All
 * other messages of the model are sent from here, encoded as hosts would encode them.
 */

import { must } from '../../checker/text/at.ts'
import type { TraceStep } from '../../checker/trace/format.ts'
import { Host } from '../../impl/host/host.ts'
import { encodeUnconnected, readUnconnected } from '../../impl/host/paths/unconnected.ts'
import { Announcer } from '../../impl/host/rendezvous/announcer.ts'
import * as messages from '../../impl/host/rendezvous/messages.ts'
import { LEASE_MS, Rendezvous } from '../../impl/host/rendezvous/rendezvous.ts'
import { serviceIdOf } from '../../impl/host/services/serviceId.ts'
import { fromIPv4, SERVER_PORT } from '../../impl/link/address.ts'
import type { Address, Datagram } from '../../impl/link/link.ts'
import { BINDING } from '../../spec/machines/rendezvous/states.ts'
import { originIp } from '../../spec/wire/forward.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import { announcement } from '../../spec/worlds/rendezvous/rules.ts'
import {
  MARK,
  NOWHERE,
  RENDEZVOUS,
  type RendezvousWorld,
  STRANGE_VERSION,
  STRANGER,
} from '../../spec/worlds/rendezvous/state.ts'
import type { Difference } from './compare.ts'
import { modelAddress, realAddress } from './dictionary.ts'
import { Script } from './script.ts'

const ANYBODY = serviceIdOf('model/anybody')
const MEETING = realAddress(RENDEZVOUS)
const PACKET_BYTES = 512
/** A seed that no end has. */
const SECRET = 99

type Announcement = ReturnType<typeof announcement>

const frame = newFrame()

/** Returns whether a host has relayed the packet: it lists sources. */
export const wasRelayed = ({ bytes }: Datagram): boolean =>
  decodeFrame(bytes, 0, bytes.length, frame) === 0 && frame.sourceCount > 0

export class Meeting {
  readonly #host: Host
  readonly #rendezvous: Rendezvous
  readonly #homes: readonly Address[]
  #now = 0

  /** Starts with the announcements of both ends' first addresses. */
  constructor(ends: Iterable<Host>, world: RendezvousWorld) {
    const random = new Script(SECRET).source
    this.#host = new Host({ random, packetBytes: PACKET_BYTES })
    this.#host.setAddresses(world.rendezvous.map(({ alias }) => realAddress(alias)))
    this.#homes = world.rendezvous.map(({ at }) => realAddress(at))
    this.#rendezvous = new Rendezvous(this.#host, random)
    for (const end of ends) new Announcer(end, MEETING, new Script(must(end.addresses[0]) % SECRET).source)
    for (const [i, { at }] of world.rendezvous.entries())
      this.#announce(at, announcement(must(world.flow[i]), 0))
  }

  /** Performs a step that is not about a packet. Returns false for steps that do not concern the rendezvous. */
  act(
    { rule }: TraceStep,
    { f, b, proved }: Readonly<Record<string, number>>,
    { flow, rendezvous }: RendezvousWorld,
  ): boolean {
    const index = f ?? b
    const binding = index === undefined ? undefined : rendezvous[index]
    if (rule === 'announce')
      this.#announce(must(binding).at, announcement(must(flow[must(f)]), must(flow[must(f)]).moves))
    else if (rule === 'announce late') this.#announce(must(binding).at, announcement(must(flow[must(f)]), 0))
    else if (rule === 'usurp')
      this.#announce(must(binding).at, {
        ...{ holder: STRANGER, version: STRANGE_VERSION, address: must(binding).other },
        proved: must(proved),
      })
    else if (rule === 'lapse') this.#lapse(must(binding).at)
    else return false
    return true
  }

  /** Receives a packet: one that a move retransmits, inside a message, or one that was relayed to this address. */
  hear({ from, to, bytes }: Datagram): void {
    this.#host.receive([{ from, to, bytes: bytes.slice() }], this.#now)
  }

  /** Sends the rendezvous a packet that was addressed to an end at `home`. */
  stray({ from, bytes }: Datagram, home: number): void {
    this.#tell(from, messages.encodeRelay(realAddress(home), bytes))
  }

  /** Returns a datagram that an end sends as the model has it in flight; undefined if the model has no such packet. */
  entering(sent: Datagram, { owner, rendezvous }: RendezvousWorld): Datagram | undefined {
    const { from, to, bytes } = sent
    if (owner[modelAddress(from)] === NOWHERE) return undefined
    if (to !== MEETING) return owner[modelAddress(to)] === NOWHERE ? undefined : sent
    decodeFrame(bytes, 0, bytes.length, frame)
    const { message } = must(readUnconnected(frame, from, to))
    const at = modelAddress(messages.homeOf(message))
    const binding = rendezvous.find(one => one.at === at)
    return binding && { from, to: realAddress(binding.alias), bytes: message.subarray(messages.RELAY_BYTES) }
  }

  /** Returns the datagrams that the rendezvous relays, each with the packet that the model sees. */
  relayed(): { readonly datagram: Datagram; readonly seen: Datagram }[] {
    return this.#host
      .flush(this.#now)
      .filter(wasRelayed)
      .map(datagram => ({ datagram, seen: this.#seen(datagram) }))
  }

  compare({ rendezvous }: RendezvousWorld): Difference | undefined {
    for (const [i, binding] of rendezvous.entries()) {
      const state = this.#rendezvous.about(realAddress(binding.at))
      for (const part of ['rendezvous', 'holder', 'version', 'address'] as const) {
        const value = state?.[part] ?? 0
        const stack = part === 'address' ? modelAddress(value) : value
        if (stack !== binding[part])
          return { part: `rendezvous[${i}].${part}`, model: `${binding[part]}`, stack: `${stack}` }
      }
    }
    return undefined
  }

  /** The model sees the first sender as the sender, and marks the destination of a packet relayed to the rendezvous itself. */
  #seen({ to, bytes }: Datagram): Datagram {
    decodeFrame(bytes, 0, bytes.length, frame)
    const origin = fromIPv4(originIp(frame), SERVER_PORT)
    const place = modelAddress(to)
    return { from: origin, to: realAddress(place >= RENDEZVOUS ? place + MARK : place), bytes }
  }

  /** Announces an address. A holder that proves its home and has left it has announced that home before. */
  #announce(at: number, { holder, version, address, proved }: Announcement): void {
    const about = { ...messages.NO_MESSAGE, kind: messages.BIND, home: realAddress(at), holder }
    if (proved === 1) {
      const first = { ...about, version: address === at ? version : version - 1 }
      const answer = this.#say(about.home, first)
      const { tokenHigh, tokenLow } = answer
      if (answer.kind === messages.SHOW) this.#say(about.home, { ...first, tokenHigh, tokenLow })
    }
    if (address !== at || proved === 0) this.#say(realAddress(address), { ...about, version })
  }

  /** Renews all leases but this one, then lets time pass until the one expires. */
  #lapse(at: number): void {
    const end = this.#now + LEASE_MS
    this.#now++
    for (const home of this.#homes) {
      const { rendezvous, holder, version, address } = must(this.#rendezvous.about(home))
      if (home !== realAddress(at) && rendezvous === BINDING.BOUND)
        this.#say(must(address), {
          ...messages.NO_MESSAGE,
          kind: messages.BIND,
          home,
          holder: must(holder),
          version: must(version),
        })
    }
    this.#now = end
    this.#host.poll(end)
  }

  #say(from: Address, message: messages.Message): messages.Message {
    this.#tell(from, messages.encodeMessage(message))
    const { from: at, to, bytes } = must(this.#host.flush(this.#now)[0])
    decodeFrame(bytes, 0, bytes.length, frame)
    return must(messages.decodeMessage(must(readUnconnected(frame, at, to)).message))
  }

  #tell(from: Address, message: Uint8Array): void {
    const about = { from, to: MEETING, service: messages.RENDEZVOUS_SERVICE, source: ANYBODY }
    this.hear(encodeUnconnected({ ...about, message }))
  }
}
