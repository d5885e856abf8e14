/** How flows join connections: this end's own, and those of the peer. */
import { ENDED, JOIN_REASONS, NO_ROOM, UNPROVED } from '../../../spec/machines/connection/reasons.ts'
import { SEVERAL_FLOWS } from '../../../spec/machines/flow/capabilities.ts'
import { SYN } from '../../../spec/machines/flow/packets.ts'
import { openedBy } from '../../../spec/machines/listener/handshakes.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { joinOf } from '../../../spec/wire/negotiation.ts'
import type { Address } from '../../link/link.ts'
import type { Transport } from '../../transport/transport.ts'
import type { Counters } from '../counters.ts'
import { SalError } from '../errors.ts'
import type { Engine } from '../flows/engine.ts'
import { newEvent, readEvent } from '../flows/event.ts'
import type { Flow } from '../flows/flow.ts'
import type { NewFlow } from '../flows/flows.ts'
import { OWN_NONCE, PEER_NONCE } from '../flows/nonces.ts'
import { synKeyOf } from '../flows/synKey.ts'
import { frameIsIntact } from '../packets/intact.ts'
import type { HostAddresses } from '../paths/hostAddresses.ts'
import { checkFamily } from '../paths/mobility.ts'
import { type RandomSource, randomUint32 } from '../random/random.ts'
import { sourceFor } from '../services/route.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'

/** The options of a join. */
export interface JoinOptions {
  /** The peer's address. Default: where the connection's first flow goes. */
  readonly to?: Address
  /** The local address. Default: the best one of the destination's kind. */
  readonly from?: Address
  /** Whether data goes there only while no other flow works. */
  readonly isBackup?: boolean
}

/** The parts of a host that joins use. */
export interface JoinsHost {
  readonly counters: Counters
  readonly random: RandomSource
  readonly places: HostAddresses
  readonly bySyn: Map<string, Flow>
  readonly isCrowded: boolean
  /** The capabilities that new flows offer. */
  readonly offered: number
  flowById(id: number): Flow | undefined
  /** Creates a flow. Undefined if there are too many. */
  open(given: NewFlow): Flow | undefined
}

/** A joining flow opens no connection that others may join. */
const joinOffers = (offered: number): number => offered - (offered & SEVERAL_FLOWS)

export class Joins {
  readonly #host: JoinsHost
  readonly #engine: Engine
  readonly #connections: Connections
  readonly #event = newEvent('SYN')
  readonly #opening = newEvent('CONNECT')

  constructor(host: JoinsHost, engine: Engine, connections: Connections) {
    this.#host = host
    this.#engine = engine
    this.#connections = connections
  }

  /** Adds a flow to the connection of `first`. Throws SAL_STATE, SAL_LIMIT, SAL_NO_ADDRESS. */
  join(first: Flow, { to = first.peer, from, isBackup = false }: JoinOptions, now: number): Flow {
    const connection = this.#connections.need(first, now)
    const local = from ?? sourceFor(to, this.#host.places.own)
    checkFamily(local, to)
    const { flow: bit, reason } = this.#connections.add(connection, isBackup, now)
    if (bit === 0)
      throw new SalError(
        reason === NO_ROOM ? 'SAL_LIMIT' : 'SAL_STATE',
        `the connection takes no further flow: ${JOIN_REASONS[reason]}`,
      )
    const transport = connection.owner.newTransport()
    const flow = transport && this.#host.open({ service: connection.service, transport })
    if (flow === undefined) {
      this.#giveBack(connection, bit, transport, now)
      throw new SalError('SAL_LIMIT', 'the host has as many flows as it may have; close some')
    }
    const named = connection.members(connection.state.live)[0]?.flow.state.peerFlow ?? 0
    connection.include(bit, { flow, isJoiner: true, named })
    const event = this.#opening
    event.type = 'CONNECT'
    event.flow = flow.id
    event.nonce = OWN_NONCE
    event.verno = randomUint32(this.#host.random)
    event.from = local
    event.to = to
    event.capabilities = joinOffers(this.#host.offered)
    event.joins = 1
    this.#engine.step(flow, event, now)
    return flow
  }

  /** Handles the SYN of a flow that joins. It goes to this host itself, past the service table. */
  receiveSyn(frame: Frame, from: Address, to: Address, now: number): void {
    const { counters, places, bySyn } = this.#host
    if (places.isBroadcast(to) || frame.sourceCount > 0) {
      counters.notMeant++
      return
    }
    if (!frameIsIntact(frame, from, to, 0)) {
      counters.corrupt++
      return
    }
    const event = readEvent(this.#event, SYN, frame, from, to)
    event.claimed = 0
    const name = joinOf(frame).flow | 0
    const named = this.#host.flowById(name)
    if (named !== undefined && this.#connections.isStrange(named, frame)) {
      counters.refused++
      return
    }
    // The peer may not know yet that the flow has ended.
    const connection = (named && this.#connections.of(named, now)) ?? this.#connections.former(name)
    if (connection === undefined) {
      counters.strangers++
      this.#engine.strangers.answer(event, frame, now)
      return
    }
    const key = synKeyOf(frame, from, frame.verno)
    const made = bySyn.get(key)
    const known = made?.belongsTo === connection ? made : undefined
    const {
      flow: bit,
      isAgain,
      reason,
    } = this.#connections.admit(connection, frame, known !== undefined, now)
    if (isAgain && known !== undefined) {
      event.nonce = PEER_NONCE
      if (!this.#engine.step(known, event, now, frame)) counters.ignored++
      return
    }
    if (bit !== 0 && this.#welcome(connection, bit, key, event, frame, now)) return
    counters.refused++
    if (reason !== UNPROVED) this.#engine.strangers.answer(event, frame, now)
  }

  /** Creates the flow of a SYN. Returns false if there is no room, or its transport part is malformed. */
  #welcome(
    connection: Connection,
    bit: number,
    key: string,
    syn: ReturnType<typeof newEvent>,
    frame: Frame,
    now: number,
  ): boolean {
    const { isCrowded, random, offered, bySyn } = this.#host
    const transport = isCrowded ? undefined : connection.owner.newTransport()
    const { bytes, payload, end } = frame
    const flow =
      transport?.readHandshake(SYN, bytes, payload, end, now) === true
        ? this.#host.open({ service: connection.service, transport, synKey: key })
        : undefined
    if (flow === undefined) {
      this.#giveBack(connection, bit, transport, now)
      return false
    }
    bySyn.set(key, flow)
    flow.learnNonce(frame)
    connection.include(bit, { flow, isJoiner: false, named: 0 })
    const own = { ...syn, nonce: PEER_NONCE }
    const verno = randomUint32(random)
    const named = openedBy(own, flow.id, OWN_NONCE, verno, 0, joinOffers(offered), 1)
    this.#engine.step(flow, Object.assign(this.#opening, { type: 'ACCEPT' as const }, named), now)
    return true
  }

  /** The flow that the machine counts does not begin. */
  #giveBack(connection: Connection, flow: number, transport: Transport | undefined, now: number): void {
    transport?.destroy()
    this.#connections.step(connection, { type: 'DOWN', flow, why: ENDED.CLOSED }, now)
  }
}
