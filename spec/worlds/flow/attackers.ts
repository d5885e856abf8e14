/** What attackers may do. */

import { at } from '../../../checker/text/at.ts'
import { ACK, FIN, KINDS, RST, RSYN, RSYNACK, SYN, SYNACK } from '../../machines/flow/packets.ts'
import { next, previous } from '../../machines/flow/serial.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import type { WorldRule } from '../model.ts'
import { isFirst } from '../network.ts'
import { receive } from './effects.ts'
import { type ModelPacket, unpack } from './packet.ts'
import { packetLabel } from './rules.ts'
import { type Flow, type FlowWorld, ROLE } from './state.ts'
import { isLive } from './terms.ts'

/** The nonce of forged packets: no flow has it. */
export const FORGED = 7

/** A stranger can send from any address; these are its own and, spoofed, the peer's. */
export const SOURCES = { own: 0, peer: 1, candidate: 2 } as const

/** Versions that a stranger may guess: the expected one, the next, or the one consumed last. */
export const GUESS = { expected: 0, ahead: 1, last: 2 } as const

/**
 * The worst that somebody off the path can make up: flowIDs and version numbers guessed right, but not the nonce; and in the handshake, which has no nonce yet, not the version either.
 */
export const forge = (w: FlowWorld, f: Flow, kind: number, source: number, guess: number): ModelPacket => ({
  kind,
  verno:
    guess === GUESS.ahead
      ? next(f.rcvNxt, f.space)
      : guess === GUESS.last
        ? previous(f.rcvNxt, f.space)
        : f.rcvNxt,
  ackno: f.connection === CONNECTION.REQUEST ? next(f.sndNxt, f.space) : f.sndNxt,
  nonce: FORGED,
  fin: (kind === RSYN || kind === RSYNACK) && guess !== GUESS.expected ? 1 : 0,
  srcFlow: kind === SYN ? w.stranger.flow : f.peerFlow,
  dstFlow: kind === SYN ? 0 : f.localFlow,
  from: source === SOURCES.own ? w.stranger.address : source === SOURCES.peer ? f.peer : f.nextPeer,
  to: f.nextLocal !== 0 && aimsAtNext(source, guess) ? f.nextLocal : f.local,
  proof: 0,
  ...{ capabilities: 0, tells: 0, challenge: 0, echo: 0, joins: 0 },
})

/** True for a newer version, and for a repeated one from the new address: these go to the address that the flow moves to. */
export const aimsAtNext = (source: number, guess: number): boolean =>
  guess === GUESS.ahead || (guess === GUESS.last && source === SOURCES.candidate)

const sourceNames = ['its own address', 'the peer', 'the new address']
const guessNames = ['', ', one version ahead', ', the version before']

/** Injects forged control packets into flows at any time. */
export const offPathRules = (flows: readonly { name: string }[]): WorldRule<FlowWorld>[] => [
  {
    name: 'forge',
    kind: 'fault',
    over: {
      f: flows.map((_, i) => i),
      k: [SYNACK, ACK, RSYN, RSYNACK, FIN, RST],
      s: [0, 1, 2],
      n: [0, 1, 2],
    },
    when: (w, { f, s }) =>
      at(w.flow, f).role !== ROLE.LISTENER &&
      at(w.flow, f).connection !== CONNECTION.INIT &&
      at(w.flow, f).connection !== CONNECTION.CLOSED &&
      (s !== SOURCES.candidate || at(w.flow, f).nextPeer !== 0) &&
      (s !== SOURCES.peer || at(w.flow, f).peer !== 0),
    take: (w, { f, k, s, n }) => receive(w, forge(w, at(w.flow, f), k, s, n)),
    label: (_w, { f, k, s, n }) =>
      `forge ${KINDS[k]} to ${at(flows, f).name} from ${sourceNames[s]}${guessNames[n]}`,
  },
]

/** Re-sends what it has seen, as it was: a packet arrives and stays in the network. */
export const replayRules = (capacity: number): WorldRule<FlowWorld>[] => [
  {
    name: 'replay',
    kind: 'fault',
    over: { m: Array.from({ length: capacity }, (_, i) => i) },
    when: (w, { m }) => isFirst(w, m),
    take: (w, { m }) => receive(w, unpack(w, at(w.net, m))),
    label: (w, { m }) => `replay ${packetLabel(w, at(w.net, m))}`,
  },
]

/** An address that a host no longer uses is given to another host. */
export const reassignRules = (addresses: readonly number[], to: number): WorldRule<FlowWorld>[] => [
  {
    name: 'reassign',
    kind: 'environment',
    over: { a: addresses, to: [to] },
    when: (w, { a, to }) =>
      at(w.owner, a) !== to &&
      w.flow.every(f => f.home !== a || (isLive(f) && f.local !== a && f.nextLocal !== a)),
    take: (w, { a, to }) => {
      w.owner[a] = to
    },
    label: (_w, { a }) => `reassign address ${a} to another host`,
  },
]
