/** Checks a run after the network has healed, after all flows have ended, and after all is silent. */

import { must } from '../../checker/text/at.ts'
import { NOTICES } from '../../spec/machines/flow/notices.ts'
import { OWES_CONTROL, OWES_HANDSHAKE, OWES_PROOF } from '../../spec/machines/flow/registers.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'
import type { Application } from './application.ts'
import type { Conversation } from './conversation.ts'
import type { Simulation } from './simulation.ts'
import { placeOf } from './station.ts'

/** From the first announcement of a flow to the last that has a newer version (impl/host/paths/translation.ts). */
const ANNOUNCES_MS = 119_000

const stateNames = Object.keys(CONNECTION)

/** Everything that was written has arrived, and moves are complete. */
export function concludeProgress(simulation: Simulation): void {
  for (const conversation of simulation.conversations.values()) {
    concludeBytes(simulation, conversation)
    const { client, server } = conversation
    if (server === undefined && simulation.watch.isUnconfirmed(must(client).flow))
      conversation.excuse('no ACK reached its server before the handshake timed out')
    if (conversation.isExcused) continue
    const add = (what: string) =>
      simulation.findings.add('progress', simulation.now, `${conversation.name} ${what}`)
    if (server === undefined) add('has not begun')
    else if (!isDelivered(must(client), server))
      add(`has not delivered: ${told(must(client))}, ${told(server)}`)
    else concludeMoves(must(client), server, add)
  }
}

/**
 * The last ACK of a move or of the handshake may be owed for long. Only the first answer to it is an ACK. If that gets
 * lost and the peer says nothing more, the ACK is repeated until its tries are spent, which does no harm. An end in
 * FIN-WAIT-2 repeats its FIN each minute, to ask whether its peer is there: the answer may be on its way.
 */
function concludeMoves(client: Application, server: Application, add: (what: string) => void): void {
  const [one, other] = [client.flow, server.flow]
  if (!one.isLive || !other.isLive) return
  // Nobody reaches a client whose mapping is gone until it says something. Then it announces itself, at any time.
  if (client.station.nat !== undefined) return
  // Any flow may carry the data. Those on dead paths go on looking for their peers.
  if (client.set !== undefined || server.set !== undefined) return
  for (const { flow, name } of [client, server]) {
    const asks = flow.connection === CONNECTION.FINWAIT2 ? OWES_CONTROL : 0
    const owed = must(flow.state.owed) & ~(OWES_PROOF | OWES_HANDSHAKE | asks)
    if (flow.migration !== MIGRATION.INITIAL || owed !== 0)
      add(`is still busy, at ${name}: owes ${flow.state.owed} in migration state ${flow.migration}`)
  }
  if (one.local !== placeOf(other.peer) || other.local !== placeOf(one.peer))
    add('has ends that look for each other elsewhere')
}

/** Checks the bytes that were read, whatever else happened. */
function concludeBytes(simulation: Simulation, { ends }: Conversation): void {
  for (const end of ends) {
    if (end.fault === undefined) continue
    simulation.findings.add('bytes', simulation.now, `${end.name}: ${end.fault}`)
    end.fault = undefined
  }
}

const isDelivered = (client: Application, server: Application): boolean =>
  client.speech.hasHeardAll(server.speech) && server.speech.hasHeardAll(client.speech)

const told = ({ name, flow, speech, notices }: Application): string =>
  `${name} in ${stateNames[flow.connection]} has said ${speech.said.bytes} and heard ${speech.heard.bytes} bytes` +
  (notices.length === 0 ? '' : `, told: ${notices.map(n => NOTICES[n]).join(', ')}`)

/** All flows have ended as they should. */
export function concludeEnding(simulation: Simulation): void {
  for (const conversation of simulation.conversations.values()) {
    concludeBytes(simulation, conversation)
    for (const end of conversation.ends)
      if (!awaitsLastAck(simulation, conversation, end)) concludeEnd(simulation, conversation, end)
  }
}

/**
 * The last ACK of a close may get lost together with the mapping of the client. The client owes nothing any more, so it does not
 * announce itself, and in TIME-WAIT it can only answer FINs that reach it. Or the end that has closed in order has lost its address to
 * another host meanwhile. Its peer has heard and delivered everything; it repeats its FIN until its tries are spent.
 */
function awaitsLastAck(simulation: Simulation, { client, server }: Conversation, end: Application): boolean {
  const { connection, peer: peerAddress } = end.flow
  const peer = end === server ? client : server
  if (peer === undefined || !peer.flow.isClosed || peer.error !== 0) return false
  if (connection !== CONNECTION.CLOSING && connection !== CONNECTION.LASTACK) return false
  const isHidden = end === server && peer.station.nat !== undefined
  return isHidden || !simulation.has(peer.station, placeOf(peerAddress))
}

/**
 * A client behind a translator announces itself anew for two minutes. After an outage of that length, the server may still answer to
 * the mapping of one of them, which is gone.
 */
function announcedInVain(simulation: Simulation, conversation: Conversation): boolean {
  const { client } = conversation
  if (client?.station.nat === undefined || client.flow.migration === MIGRATION.INITIAL) return false
  return simulation.outages.longestMs(conversation, simulation.now) >= ANNOUNCES_MS
}

function concludeEnd(simulation: Simulation, conversation: Conversation, end: Application): void {
  if (conversation.isExcused || announcedInVain(simulation, conversation)) return
  if (end.error !== 0) simulation.findings.add('error', simulation.now, told(end))
  else if (!end.isOver) simulation.findings.add('orderly', simulation.now, `never ends: ${told(end)}`)
}

/** Nothing is left of anything. */
export function concludeSilence(simulation: Simulation): void {
  const { findings, now } = simulation
  for (const conversation of simulation.conversations.values()) concludeBytes(simulation, conversation)
  for (const { host, listener, name } of simulation.stations) {
    if (host === undefined) continue
    const left = {
      flows: host.flowCount,
      timers: host.timers.size,
      bytes: host.bufferedBytes,
      SYNs: host.bySyn.size,
      ...(listener && { pending: listener.pending, ready: listener.ready.length }),
    }
    const rest = Object.entries(left).filter(([, count]) => count !== 0)
    if (rest.length > 0)
      findings.add('leak', now, `${name} has ${rest.map(([what, count]) => `${count} ${what}`).join(', ')}`)
  }
  if (simulation.network.nextEvent() !== Number.POSITIVE_INFINITY)
    findings.add('leak', now, 'somebody still sends packets')
}
