/** Does what a plan says, and notes what each act excuses. */
import { at, must } from '../../checker/text/at.ts'
import type { Address } from '../../impl/link/link.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { comeBack, forgetPlaces, move, reassign, uproot, vanish } from './addressChanges.ts'
import { attack } from './attack.ts'
import type { Conversation } from './conversation.ts'
import type { Action } from './plan.ts'
import { isFlowAction } from './plan.ts'
import { BROADCAST } from './plane.ts'
import type { Simulation } from './simulation.ts'
import { addressOf, type Station } from './station.ts'

type OfFlow = Extract<Action, { flow: number }>
type OfHost = Exclude<Action, { flow: number }>

/** One action of the plan, at its time. What cannot be done there, such as moving a flow that is over, is left out. */
export function act(simulation: Simulation, action: Action): void {
  if (isFlowAction(action)) actOnFlow(simulation, action)
  else actOnHost(simulation, action)
  simulation.outages.follow(simulation)
  tellRouters(simulation)
}

/** Routers learn at once what has changed. Who asks for what nobody offers any more is refused. */
export function tellRouters(simulation: Simulation): void {
  const { plane, conversations } = simulation
  plane.follow()
  if (simulation.plan.routers === undefined) return
  for (const conversation of conversations.values())
    if (!conversation.isBegun && !plane.isOffered(conversation.plan.to))
      conversation.excuse('nobody offers it')
}

function actOnFlow(simulation: Simulation, action: OfFlow): void {
  const { now } = simulation
  if (action.do === 'connect') {
    connect(simulation, action)
    return
  }
  const conversation = simulation.conversations.get(action.flow)
  if (conversation === undefined) return
  if (action.do === 'uproot') {
    uproot(simulation, conversation)
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
      if (end !== undefined) move(simulation, end, addressOf(end.station.index, action.address))
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

function connect(simulation: Simulation, action: Extract<OfFlow, { do: 'connect' }>): void {
  const [station, target] = [at(simulation.stations, action.host), at(simulation.stations, action.to)]
  if (station.host === undefined || !simulation.has(station, addressOf(action.host, action.from))) return
  const conversation = simulation.connect(action)
  if (simulation.plane.isNamed) return
  const via = addressOf(action.to, action.via)
  if (target.host !== undefined && !target.listener?.isOpen) conversation.excuse('nobody listens')
  if (simulation.network.linkAt(via) !== undefined && !simulation.has(target, via))
    conversation.excuse('wrong host')
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

function actOnHost(simulation: Simulation, action: OfHost): void {
  const station = at(simulation.stations, action.host)
  switch (action.do) {
    case 'vanish':
      vanish(simulation, station, addressOf(action.host, action.address), action.follow)
      break
    case 'return':
      comeBack(simulation, station, addressOf(action.host, action.address))
      break
    case 'reassign':
      reassign(
        simulation,
        station,
        at(simulation.stations, action.to),
        addressOf(action.host, action.address),
      )
      break
    case 'cut':
    case 'heal':
      divide(simulation, station, at(simulation.stations, action.to), action.do === 'cut')
      break
    case 'narrow':
      simulation.narrow(action.host, action.to, action.bytes)
      break
    case 'crash':
      crash(simulation, station, action.keepsSecret)
      break
    case 'restart':
      restart(simulation, station)
      break
    case 'unlisten':
      unlisten(simulation, station)
      break
    case 'listen':
      simulation.listen(station)
      break
    case 'attack':
      attack(simulation, action)
      break
    case 'weigh':
      simulation.plane.weigh(action.host, action.weight)
      break
    default:
      action satisfies never
  }
}

export function divide(simulation: Simulation, one: Station, other: Station, isCut: boolean): void {
  const { addresses } = simulation.plan
  const { plane } = simulation
  simulation.outages.divide(one, other, isCut)
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

function crash(simulation: Simulation, station: Station, keepsSecret: boolean): void {
  if (station.host === undefined) return
  station.keepsSecret = keepsSecret
  // An application may have paused, but what has arrived for it is judged. With its host it goes for good.
  for (const { ends } of simulation.conversations.values())
    for (const end of ends) if (end.station === station) end.readRest()
  station.crash()
  if (station.isRouter) {
    // Of flows a router knew nothing.
    if (station.index === simulation.stations.length - 1) forgetPlaces(simulation)
    return
  }
  for (const conversation of simulation.conversations.values()) {
    const { plan, client, server } = conversation
    const isAsked = server === undefined && simulation.plane.areAlike(plan.to, station.index)
    if (plan.host === station.index || isAsked || server?.station === station)
      if (!(must(client).isOver && (server === undefined || server.isOver)))
        conversation.excuse('a host crashed')
  }
}

export function restart(simulation: Simulation, station: Station): void {
  if (station.host === undefined) simulation.start(station, station.keepsSecret)
}

function unlisten(simulation: Simulation, station: Station): void {
  const { host, listener } = station
  if (host === undefined || !listener?.isOpen) return
  for (const conversation of simulation.conversations.values())
    if (!conversation.isBegun && simulation.plane.areAlike(conversation.plan.to, station.index))
      conversation.excuse('nobody listens')
  host.unlisten(listener, simulation.now)
}
