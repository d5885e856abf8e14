/** Does what a plan says, and notes what each act excuses. */
import { at, must } from '../../checker/text/at.ts'
import { CONNECTION } from '../../spec/machines/flow/states.ts'
import { move, uproot } from './addressChanges.ts'
import type { Conversation } from './conversation.ts'
import { faultOf } from './faults/table.ts'
import { type Action, type FlowAction, isFlowAction, type PlannedEnd } from './plan.ts'
import type { Simulation } from './simulation.ts'
import { addressOf, type Station } from './station.ts'

/** One action of the plan, at its time. What cannot be done there, such as moving a flow that is over, is left out. */
export function act(simulation: Simulation, action: Action): void {
  const sleeper = actors(simulation, action).find(({ isAsleep }) => isAsleep)
  if (sleeper !== undefined) {
    sleeper.whenAwake(() => act(simulation, action))
    return
  }
  if (isFlowAction(action)) actOnFlow(simulation, action)
  else faultOf(action.do).apply(simulation, action)
  simulation.outages.follow(simulation)
  tellRouters(simulation)
}

/** Returns the hosts that have to run for an action. */
function actors({ stations, conversations }: Simulation, action: Action): readonly Station[] {
  if (!isFlowAction(action))
    return 'host' in action && !faultOf(action.do).isOutside ? [at(stations, action.host)] : []
  if (action.do === 'connect') return [at(stations, action.host)]
  const conversation = conversations.get(action.flow)
  const end = action.do === 'uproot' ? undefined : conversation?.at(action.end)
  return (end === undefined ? (conversation?.ends ?? []) : [end]).map(({ station }) => station)
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

function actOnFlow(simulation: Simulation, action: FlowAction): void {
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
      finish(conversation, action.end === 'server')
      break
    case 'abort':
      if (end?.isAlive && !end.isOver) {
        conversation.excuse('aborted')
        end.abort()
      }
      break
    case 'move':
      if (end !== undefined) move(simulation, end, addressOf(end.station.index, action.address))
      break
    case 'addFlow':
      end?.addFlow(action.address, addressOf(peerOf(conversation, action.end), action.peerAddress))
      break
    case 'removeFlow':
      end?.removeFlow()
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

/** Returns the host of an end's peer. */
const peerOf = ({ plan, server }: Conversation, end: PlannedEnd): number =>
  end === 'server' ? plan.host : (server?.station.index ?? plan.to)

function connect(simulation: Simulation, action: Extract<FlowAction, { do: 'connect' }>): void {
  const [station, target] = [at(simulation.stations, action.host), at(simulation.stations, action.to)]
  if (station.host === undefined || !simulation.has(station, addressOf(action.host, action.from))) return
  const conversation = simulation.connect(action)
  if (simulation.plane.isNamed) return
  const via = addressOf(action.to, action.via)
  if (target.host !== undefined && !target.listener?.isOpen) conversation.excuse('nobody listens')
  if (simulation.network.linkAt(via) !== undefined && !simulation.has(target, via))
    conversation.excuse('wrong host')
}

function finish(conversation: Conversation, isServer: boolean): void {
  if (isServer && conversation.server === undefined) {
    conversation.waitsToFinish = true
    return
  }
  const end = isServer ? must(conversation.server) : must(conversation.client)
  if (!end.isOver && end.flow.connection === CONNECTION.REQUEST) conversation.excuse('ended before it began')
  end.finish()
}
