/** Addresses that come, go and change hands, and flows that follow. */
import { must } from '../../checker/text/at.ts'
import { isIPv4 } from '../../impl/link/address.ts'
import type { Address } from '../../impl/link/link.ts'
import { BINDING } from '../../spec/machines/rendezvous/states.ts'
import type { Application } from './application.ts'
import type { Conversation } from './conversation.ts'
import type { Simulation } from './simulation.ts'
import { addressOf, type Station } from './station.ts'

/** Whether it could. */
export function move(simulation: Simulation, end: Application, address: Address): boolean {
  const { flow, host } = end
  if (
    !end.isAlive ||
    !flow.isLive ||
    !simulation.has(end.station, address) ||
    isIPv4(address) !== isIPv4(flow.local)
  )
    return false
  if ((flow.isMoving ? flow.state.nextLocal : flow.local) === address) return false
  host.migrate(flow, address, end.station.time)
  excuseHidden(simulation, end)
  return true
}

/** A translator that filters by address lets in nothing of a server that has moved, not even that it has. */
function excuseHidden(simulation: Simulation, end: Application): void {
  for (const conversation of simulation.conversations.values())
    if (conversation.server === end && (conversation.client?.station.nat?.filtering ?? 'none') !== 'none')
      conversation.excuse('its translator lets in nothing from a new address')
}

/** Ends of flows on this station's host that use an address, or go to it. */
const usersOf = (simulation: Simulation, station: Station, address: Address): [Conversation, Application][] =>
  [...simulation.conversations.values()].flatMap(conversation =>
    conversation.ends
      .filter(end => end.station === station && end.isAlive && !end.isOver)
      .filter(({ flow: { state } }) => state.local === address || state.nextLocal === address)
      .map((end): [Conversation, Application] => [conversation, end]),
  )

/** Whether the flow is at another address now, or goes to one. */
function follow(simulation: Simulation, end: Application, lost: Address): boolean {
  const { flow } = end
  if (flow.isMoving && flow.state.nextLocal !== lost) return true
  return end.station.link.addresses().some(address => move(simulation, end, address))
}

export function vanish(simulation: Simulation, station: Station, address: Address, follows: boolean): void {
  station.link.remove(address)
  if (!follows) return
  // With several flows, the others carry the data.
  for (const [, end] of usersOf(simulation, station, address))
    if (!((end.set?.flows.size ?? 0) > 1)) follow(simulation, end, address)
}

export function comeBack(simulation: Simulation, station: Station, address: Address): void {
  if (simulation.network.linkAt(address) === undefined && !simulation.lost.has(address))
    station.link.add(address)
}

/** What a flow loses for good excuses it, unless it can go elsewhere while its peer stays to be found. */
export function reassign(simulation: Simulation, station: Station, to: Station, address: Address): void {
  if (!simulation.has(station, address) || station.nat !== undefined || to.nat !== undefined) return
  station.link.remove(address)
  to.link.add(address)
  for (const [conversation, end] of usersOf(simulation, station, address)) {
    const isFirst = !conversation.isUprooted
    conversation.isUprooted = true
    // A server that nobody has confirmed yet answers to where the client was. A translator lets in nothing from a new address.
    const isHidden = conversation.client?.station.nat !== undefined
    if (!follow(simulation, end, address) || !isFirst || !conversation.isBegun || isHidden)
      conversation.excuse('an address is another host’s now')
  }
  excuseUnbegun(simulation, station, address, 'an address is another host’s now')
  for (const conversation of simulation.conversations.values())
    if (conversation.ends.some(end => end.station === station && isAdrift(simulation, end)))
      conversation.excuse('an address is another host’s now')
}

/** Whether several flows of messages have lost all their addresses: nothing watches them, so nobody opens others. */
const isAdrift = (simulation: Simulation, { set, transport, station }: Application): boolean =>
  transport === undefined &&
  set !== undefined &&
  [...set.flows].every(({ local }) => !simulation.has(station, local))

/** A host that offers the service which a client asks for may be about to answer it from any of its addresses. */
function excuseUnbegun(
  { plane, conversations }: Simulation,
  station: Station,
  address: Address,
  why: string,
): void {
  for (const conversation of conversations.values()) {
    const { to, via } = conversation.plan
    const mayAnswer = plane.isNamed ? plane.areAlike(to, station.index) : addressOf(to, via) === address
    if (!conversation.isBegun && mayAnswer) conversation.excuse(why)
  }
}

/**
 * Both ends of a flow lose the addresses that they use, at once and for good. They find each other again at the
 * rendezvous (25), if that knows them by then.
 */
export function uproot(simulation: Simulation, { client, server }: Conversation): void {
  if (simulation.plane.rendezvous === undefined || client === undefined || server === undefined) return
  const ends = [client, server]
  const isReady = ({ isAlive, flow, station }: Application): boolean =>
    isAlive && flow.isLive && simulation.has(station, flow.local) && station.link.addresses().length > 1
  if (client.station === server.station || !ends.every(isReady)) return
  const lost = ends.map(({ station, flow: { local } }) => ({ station, local }))
  const users = lost.flatMap(({ station, local }) =>
    usersOf(simulation, station, local).map(([conversation, end]) => ({ conversation, end, local })),
  )
  const unknown = users.filter(({ conversation }) => !isKnown(simulation, conversation))
  for (const { station, local } of lost) {
    simulation.lost.add(local)
    station.link.remove(local)
    excuseUnbegun(simulation, station, local, 'an address is gone for good')
  }
  for (const { conversation } of unknown) conversation.excuse('the rendezvous does not know its ends')
  for (const { conversation, end, local } of users) {
    conversation.isUprooted = true
    if (!follow(simulation, end, local)) conversation.excuse('an address is gone for good')
  }
}

/** Whether the rendezvous knows both ends, by the addresses at which they look for each other. */
function isKnown({ plane }: Simulation, { client, server, ends }: Conversation): boolean {
  const isBound = ({ flow }: Application): boolean =>
    must(plane.rendezvous).about(flow.peer)?.rendezvous === BINDING.BOUND
  if (client === undefined || server === undefined) return false
  return ends.every(end => isBound(end) && end.station.announcer?.isKnown === true)
}

/** The rendezvous has crashed: it does not know any more where those are who look for each other. */
export function forgetPlaces(simulation: Simulation): void {
  for (const conversation of simulation.conversations.values()) {
    const { client, server, isUprooted } = conversation
    if (!isUprooted || client === undefined || server === undefined) continue
    const [one, other] = [client.flow, server.flow]
    if (one.isMoving || other.isMoving || one.local !== other.peer || other.local !== one.peer)
      conversation.excuse('the rendezvous has forgotten its ends')
  }
}
