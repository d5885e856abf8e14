/** Does what a plan says, and notes what each act excuses. */
import { isIPv4 } from '../../impl/link/address.ts'
import type { Address } from '../../impl/link/link.ts'
import { CONNECTION } from '../../spec/flow/states.ts'
import type { Application } from './application.ts'
import type { Conversation } from './conversation.ts'
import type { Action } from './plan.ts'
import { isFlowAction } from './plan.ts'
import { addressOf, type Station } from './station.ts'
import type { World } from './world.ts'

type OfFlow = Extract<Action, { flow: number }>
type OfHost = Exclude<Action, { flow: number }>

/** One action of the plan, at its time. What cannot be done there, such as moving a flow that is over, is left out. */
export function act(world: World, action: Action): void {
  if (isFlowAction(action)) actOnFlow(world, action)
  else actOnHost(world, action)
}

function actOnFlow(world: World, action: OfFlow): void {
  const { now } = world
  if (action.do === 'connect') {
    connect(world, action)
    return
  }
  const conversation = world.conversations.get(action.flow)
  if (conversation === undefined) return
  const end = conversation.at(action.end)
  switch (action.do) {
    case 'write':
      conversation.say(action.end, action.bytes)
      break
    case 'finish':
      finish(conversation, action.end === 'server', now)
      break
    case 'abort':
      if (end?.isAlive && !end.isOver) {
        conversation.excuse('aborted')
        end.abort(now)
      }
      break
    case 'move':
      if (end !== undefined) move(world, end, addressOf(end.station.index, action.address))
      break
    case 'pause':
      if (end !== undefined) end.isPaused = true
      else conversation.isPausedThere = true
      break
    case 'resume':
      if (end !== undefined) end.resume()
      else conversation.isPausedThere = false
      break
    default:
      action satisfies never
  }
}

function connect(world: World, action: Extract<OfFlow, { do: 'connect' }>): void {
  const [station, target] = [world.stations[action.host]!, world.stations[action.to]!]
  if (station.host === undefined || !world.has(station, addressOf(action.host, action.from))) return
  const conversation = world.connect(action)
  const via = addressOf(action.to, action.via)
  if (target.host !== undefined && !target.listener?.isOpen) conversation.excuse('nobody listens')
  if (world.network.linkAt(via) !== undefined && !world.has(target, via)) conversation.excuse('wrong host')
}

function finish(conversation: Conversation, isServer: boolean, now: number): void {
  if (isServer && conversation.server === undefined) {
    conversation.waitsToFinish = true
    return
  }
  const end = isServer ? conversation.server! : conversation.client!
  if (!end.isOver && end.flow.connection === CONNECTION.REQUEST) conversation.excuse('ended before it began')
  end.finish(now)
}

/** Whether it could. */
function move(world: World, end: Application, address: Address): boolean {
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

function actOnHost(world: World, action: OfHost): void {
  const station = world.stations[action.host]!
  switch (action.do) {
    case 'vanish':
      vanish(world, station, addressOf(action.host, action.address), action.follow)
      break
    case 'return':
      comeBack(world, station, addressOf(action.host, action.address))
      break
    case 'reassign':
      reassign(world, station, world.stations[action.to]!, addressOf(action.host, action.address))
      break
    case 'cut':
    case 'heal':
      divide(world, station, world.stations[action.to]!, action.do === 'cut')
      break
    case 'crash':
      crash(world, station, action.keepsSecret)
      break
    case 'restart':
      restart(world, station)
      break
    case 'unlisten':
      unlisten(world, station)
      break
    case 'listen':
      world.listen(station)
      break
    default:
      action satisfies never
  }
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

function vanish(world: World, station: Station, address: Address, follows: boolean): void {
  station.link.remove(address)
  if (follows) for (const [, end] of usersOf(world, station, address)) follow(world, end, address)
}

export function comeBack(world: World, station: Station, address: Address): void {
  if (world.network.linkAt(address) === undefined) station.link.add(address)
}

/** What a flow loses for good excuses it, unless it can go elsewhere while its peer stays to be found. */
function reassign(world: World, station: Station, to: Station, address: Address): void {
  if (!world.has(station, address)) return
  station.link.remove(address)
  to.link.add(address)
  for (const [conversation, end] of usersOf(world, station, address)) {
    const isFirst = !conversation.isUprooted
    conversation.isUprooted = true
    if (!follow(world, end, address) || !isFirst) conversation.excuse('an address is another host’s now')
  }
  for (const conversation of world.conversations.values())
    if (!conversation.isBegun && addressOf(conversation.plan.to, conversation.plan.via) === address)
      conversation.excuse('an address is another host’s now')
}

export function divide(world: World, one: Station, other: Station, isCut: boolean): void {
  const { addresses } = world.plan
  for (let a = 0; a < addresses; a++)
    for (let b = 0; b < addresses; b++) {
      const pair = [addressOf(one.index, a), addressOf(other.index, b)] as const
      if (isCut) one.faulty.cut(...pair)
      else one.faulty.heal(...pair)
    }
}

function crash(world: World, station: Station, keepsSecret: boolean): void {
  if (station.host === undefined) return
  station.keepsSecret = keepsSecret
  station.crash()
  for (const conversation of world.conversations.values()) {
    const { plan, client, server } = conversation
    if (plan.host === station.index || plan.to === station.index || server?.station === station)
      if (!(client!.isOver && (server === undefined || server.isOver))) conversation.excuse('a host crashed')
  }
}

export function restart(world: World, station: Station): void {
  if (station.host === undefined) world.start(station, station.keepsSecret)
}

function unlisten(world: World, station: Station): void {
  const { host, listener } = station
  if (host === undefined || !listener?.isOpen) return
  for (const conversation of world.conversations.values())
    if (!conversation.isBegun && conversation.plan.to === station.index) conversation.excuse('nobody listens')
  host.unlisten(listener, world.now)
}
