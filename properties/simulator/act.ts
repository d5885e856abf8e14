/** Does what a plan says, and notes what each act excuses. */
import { at, must } from '../../checker/text/at.ts'
import type { Address } from '../../impl/link/link.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { attack } from './attack.ts'
import type { Conversation } from './conversation.ts'
import { comeBack, forgetPlaces, move, reassign, uproot, vanish } from './places.ts'
import type { Action } from './plan.ts'
import { isFlowAction } from './plan.ts'
import { BROADCAST } from './plane.ts'
import { addressOf, type Station } from './station.ts'
import type { World } from './world.ts'

type OfFlow = Extract<Action, { flow: number }>
type OfHost = Exclude<Action, { flow: number }>

/** One action of the plan, at its time. What cannot be done there, such as moving a flow that is over, is left out. */
export function act(world: World, action: Action): void {
  if (isFlowAction(action)) actOnFlow(world, action)
  else actOnHost(world, action)
  world.outages.follow(world)
  tellRouters(world)
}

/** Routers learn at once what has changed. Who asks for what nobody offers any more is refused. */
export function tellRouters(world: World): void {
  const { plane, conversations } = world
  plane.follow()
  if (world.plan.routers === undefined) return
  for (const conversation of conversations.values())
    if (!conversation.isBegun && !plane.isOffered(conversation.plan.to))
      conversation.excuse('nobody offers it')
}

function actOnFlow(world: World, action: OfFlow): void {
  const { now } = world
  if (action.do === 'connect') {
    connect(world, action)
    return
  }
  const conversation = world.conversations.get(action.flow)
  if (conversation === undefined) return
  if (action.do === 'uproot') {
    uproot(world, conversation)
    return
  }
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
  const [station, target] = [at(world.stations, action.host), at(world.stations, action.to)]
  if (station.host === undefined || !world.has(station, addressOf(action.host, action.from))) return
  const conversation = world.connect(action)
  if (world.plane.isNamed) return
  const via = addressOf(action.to, action.via)
  if (target.host !== undefined && !target.listener?.isOpen) conversation.excuse('nobody listens')
  if (world.network.linkAt(via) !== undefined && !world.has(target, via)) conversation.excuse('wrong host')
}

function finish(conversation: Conversation, isServer: boolean, now: number): void {
  if (isServer && conversation.server === undefined) {
    conversation.waitsToFinish = true
    return
  }
  const end = isServer ? must(conversation.server) : must(conversation.client)
  if (!end.isOver && end.flow.connection === CONNECTION.REQUEST) conversation.excuse('ended before it began')
  end.finish(now)
}

function actOnHost(world: World, action: OfHost): void {
  const station = at(world.stations, action.host)
  switch (action.do) {
    case 'vanish':
      vanish(world, station, addressOf(action.host, action.address), action.follow)
      break
    case 'return':
      comeBack(world, station, addressOf(action.host, action.address))
      break
    case 'reassign':
      reassign(world, station, at(world.stations, action.to), addressOf(action.host, action.address))
      break
    case 'cut':
    case 'heal':
      divide(world, station, at(world.stations, action.to), action.do === 'cut')
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
    case 'attack':
      attack(world, action)
      break
    case 'weigh':
      world.plane.weigh(action.host, action.weight)
      break
    default:
      action satisfies never
  }
}

export function divide(world: World, one: Station, other: Station, isCut: boolean): void {
  const { addresses } = world.plan
  const { plane } = world
  world.outages.divide(one, other, isCut)
  const set = ({ faulty }: Station, ...pair: readonly [Address, Address]): void =>
    isCut ? faulty.cut(...pair) : faulty.heal(...pair)
  for (let a = 0; a < addresses; a++) {
    for (let b = 0; b < addresses; b++) set(one, addressOf(one.index, a), addressOf(other.index, b))
    if (!plane.isNamed) continue
    // Neither hears what the other asks of all.
    set(one, addressOf(other.index, a), BROADCAST)
    set(other, addressOf(one.index, a), BROADCAST)
  }
}

function crash(world: World, station: Station, keepsSecret: boolean): void {
  if (station.host === undefined) return
  station.keepsSecret = keepsSecret
  // An application may have paused, but what has arrived for it is judged. With its host it goes for good.
  for (const { ends } of world.conversations.values())
    for (const end of ends) if (end.station === station) end.readRest()
  station.crash()
  if (station.isRouter) {
    // Of flows a router knew nothing.
    if (station.index === world.stations.length - 1) forgetPlaces(world)
    return
  }
  for (const conversation of world.conversations.values()) {
    const { plan, client, server } = conversation
    const isAsked = server === undefined && world.plane.areAlike(plan.to, station.index)
    if (plan.host === station.index || isAsked || server?.station === station)
      if (!(must(client).isOver && (server === undefined || server.isOver)))
        conversation.excuse('a host crashed')
  }
}

export function restart(world: World, station: Station): void {
  if (station.host === undefined) world.start(station, station.keepsSecret)
}

function unlisten(world: World, station: Station): void {
  const { host, listener } = station
  if (host === undefined || !listener?.isOpen) return
  for (const conversation of world.conversations.values())
    if (!conversation.isBegun && world.plane.areAlike(conversation.plan.to, station.index))
      conversation.excuse('nobody listens')
  host.unlisten(listener, world.now)
}
