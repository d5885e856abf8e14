/** Addresses that come, go and change hands, and flows that follow. */
import { must } from '../../checker/text/at.ts'
import { isIPv4 } from '../../impl/link/address.ts'
import type { Address } from '../../impl/link/link.ts'
import { BINDING } from '../../spec/machines/rendezvous/machine.ts'
import type { Application } from './application.ts'
import type { Conversation } from './conversation.ts'
import { addressOf, type Station } from './station.ts'
import type { World } from './world.ts'

/** Whether it could. */
export function move(world: World, end: Application, address: Address): boolean {
  const { flow, host } = end
  if (
    !end.isAlive ||
    !flow.isLive ||
    !world.has(end.station, address) ||
    isIPv4(address) !== isIPv4(flow.local)
  )
    return false
  if ((flow.isMoving ? flow.state.nextLocal : flow.local) === address) return false
  host.migrate(flow, address, world.now)
  return true
}

/** Ends of flows on this station's host that use an address, or go to it. */
const usersOf = (world: World, station: Station, address: Address): [Conversation, Application][] =>
  [...world.conversations.values()].flatMap(conversation =>
    conversation.ends
      .filter(end => end.station === station && end.isAlive && !end.isOver)
      .filter(({ flow: { state } }) => state.local === address || state.nextLocal === address)
      .map((end): [Conversation, Application] => [conversation, end]),
  )

/** Whether the flow is at another address now, or goes to one. */
function follow(world: World, end: Application, lost: Address): boolean {
  const { flow } = end
  if (flow.isMoving && flow.state.nextLocal !== lost) return true
  return end.station.link.addresses().some(address => move(world, end, address))
}

export function vanish(world: World, station: Station, address: Address, follows: boolean): void {
  station.link.remove(address)
  if (follows) for (const [, end] of usersOf(world, station, address)) follow(world, end, address)
}

export function comeBack(world: World, station: Station, address: Address): void {
  if (world.network.linkAt(address) === undefined && !world.lost.has(address)) station.link.add(address)
}

/** What a flow loses for good excuses it, unless it can go elsewhere while its peer stays to be found. */
export function reassign(world: World, station: Station, to: Station, address: Address): void {
  if (!world.has(station, address)) return
  station.link.remove(address)
  to.link.add(address)
  for (const [conversation, end] of usersOf(world, station, address)) {
    const isFirst = !conversation.isUprooted
    conversation.isUprooted = true
    if (!follow(world, end, address) || !isFirst) conversation.excuse('an address is another host’s now')
  }
  excuseUnbegun(world, station, address, 'an address is another host’s now')
}

/** A host that offers the service which a client asks for may be about to answer it from any of its addresses. */
function excuseUnbegun(
  { plane, conversations }: World,
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
export function uproot(world: World, { client, server }: Conversation): void {
  if (world.plane.rendezvous === undefined || client === undefined || server === undefined) return
  const ends = [client, server]
  const isReady = ({ isAlive, flow, station }: Application): boolean =>
    isAlive && flow.isLive && world.has(station, flow.local) && station.link.addresses().length > 1
  if (client.station === server.station || !ends.every(isReady)) return
  const lost = ends.map(({ station, flow: { local } }) => ({ station, local }))
  const users = lost.flatMap(({ station, local }) =>
    usersOf(world, station, local).map(([conversation, end]) => ({ conversation, end, local })),
  )
  const unknown = users.filter(({ conversation }) => !isKnown(world, conversation))
  for (const { station, local } of lost) {
    world.lost.add(local)
    station.link.remove(local)
    excuseUnbegun(world, station, local, 'an address is gone for good')
  }
  for (const { conversation } of unknown) conversation.excuse('the rendezvous does not know its ends')
  for (const { conversation, end, local } of users) {
    conversation.isUprooted = true
    if (!follow(world, end, local)) conversation.excuse('an address is gone for good')
  }
}

/** Whether the rendezvous knows both ends, by the addresses at which they look for each other. */
function isKnown({ plane }: World, { client, server, ends }: Conversation): boolean {
  const isBound = ({ flow }: Application): boolean =>
    must(plane.rendezvous).about(flow.peer)?.rendezvous === BINDING.BOUND
  if (client === undefined || server === undefined) return false
  return ends.every(end => isBound(end) && end.station.announcer?.isKnown === true)
}

/** The rendezvous has crashed: it does not know any more where those are who look for each other. */
export function forgetPlaces(world: World): void {
  for (const conversation of world.conversations.values()) {
    const { client, server, isUprooted } = conversation
    if (!isUprooted || client === undefined || server === undefined) continue
    const [one, other] = [client.flow, server.flow]
    if (one.isMoving || other.isMoving || one.local !== other.peer || other.local !== one.peer)
      conversation.excuse('the rendezvous has forgotten its ends')
  }
}
