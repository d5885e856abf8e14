/** What must be so when the network has been well for a while, when all flows have ended, and when all is silent. */

import { must } from '../../checker/text/at.ts'
import { NOTICES, PEER_CLOSED, RESET } from '../../spec/machines/flow/notices.ts'
import { OWES_CONTROL, OWES_HANDSHAKE, OWES_PROOF } from '../../spec/machines/flow/registers.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'
import type { Application } from './application.ts'
import type { Conversation } from './conversation.ts'
import type { World } from './world.ts'

const stateNames = Object.keys(CONNECTION)

/** Everything that was written has arrived, and moves are complete. */
export function concludeProgress(world: World): void {
  for (const conversation of world.conversations.values()) {
    concludeBytes(world, conversation)
    const { client, server } = conversation
    if (server === undefined && world.watch.isUnconfirmed(must(client).flow))
      conversation.excuse('no ACK reached its server before the handshake timed out')
    if (conversation.isExcused) continue
    const add = (what: string) => world.findings.add('progress', world.now, `${conversation.name} ${what}`)
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
  for (const { flow, name } of [client, server]) {
    const asks = flow.connection === CONNECTION.FINWAIT2 ? OWES_CONTROL : 0
    const owed = must(flow.state.owed) & ~(OWES_PROOF | OWES_HANDSHAKE | asks)
    if (flow.migration !== MIGRATION.INITIAL || owed !== 0)
      add(`is still busy, at ${name}: owes ${flow.state.owed} in migration state ${flow.migration}`)
  }
  if (one.local !== other.peer || other.local !== one.peer) add('has ends that look for each other elsewhere')
}

/** What was read is right, whatever else happened. */
function concludeBytes(world: World, { ends }: Conversation): void {
  for (const end of ends) {
    if (end.fault === undefined) continue
    world.findings.add('bytes', world.now, `${end.name}: ${end.fault}`)
    end.fault = undefined
  }
}

const isDelivered = (client: Application, server: Application): boolean =>
  client.speech.hasHeardAll(server.speech) && server.speech.hasHeardAll(client.speech)

const told = ({ name, flow, speech, notices }: Application): string =>
  `${name} in ${stateNames[flow.connection]} has said ${speech.said.bytes} and heard ${speech.heard.bytes} bytes` +
  (notices.length === 0 ? '' : `, told: ${notices.map(n => NOTICES[n]).join(', ')}`)

/** All flows have ended as they should. */
export function concludeEnding(world: World): void {
  for (const conversation of world.conversations.values()) {
    concludeBytes(world, conversation)
    for (const end of conversation.ends) concludeEnd(world, conversation, end)
  }
}

function concludeEnd(world: World, conversation: Conversation, end: Application): void {
  if (conversation.isExcused) return
  if (end.error !== 0 && !isLate(end)) world.findings.add('error', world.now, told(end))
  else if (!end.isOver) world.findings.add('orderly', world.now, `never ends: ${told(end)}`)
}

/**
 * Both ends had closed already. A RSYN that carries a FIN makes the flow's end wait for an answer that covers both; if
 * the peer is gone by then, it answers with a RST, and nothing is lost by that.
 */
const isLate = ({ notices, isFinishing }: Application): boolean =>
  isFinishing && notices.at(-1) === RESET && notices.includes(PEER_CLOSED)

/** Nothing is left of anything. */
export function concludeSilence(world: World): void {
  const { findings, now } = world
  for (const conversation of world.conversations.values()) concludeBytes(world, conversation)
  for (const { host, listener, name } of world.stations) {
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
  if (world.network.nextEvent() !== Number.POSITIVE_INFINITY)
    findings.add('leak', now, 'somebody still sends packets')
}
