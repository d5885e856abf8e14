/**
 * The connections of a host that have, or may get, several flows. Runs the steps of their machine and carries out its effects. The
 * machine makes every decision.
 */
import { none } from '../../../checker/lower/typed.ts'
import { must } from '../../../checker/text/at.ts'
import type { ConnectionEffect } from '../../../spec/machines/connection/compiled.ts'
import type { ConnectionEvent } from '../../../spec/machines/connection/events.ts'
import { ENDED, JOIN_REASONS, LAST_FLOW } from '../../../spec/machines/connection/reasons.ts'
import { connectionStep } from '../../../spec/machines/connection/step.ts'
import { SEVERAL_FLOWS } from '../../../spec/machines/flow/capabilities.ts'
import {
  ACCEPTED,
  CONNECTED,
  PEER_CLOSED,
  REFUSED,
  RESET,
  TIMED_OUT,
} from '../../../spec/machines/flow/notices.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import type { Frame } from '../../../spec/wire/frame.ts'
import { echoedOf, JOIN_BACKUP, joinOf } from '../../../spec/wire/negotiation.ts'
import type { Address } from '../../link/link.ts'
import { SalError } from '../errors.ts'
import type { Engine } from '../flows/engine.ts'
import { newEvent } from '../flows/event.ts'
import type { Flow } from '../flows/flow.ts'
import type { FlowIdSource } from '../flows/flowIds.ts'
import type { Nonce } from '../flows/nonces.ts'
import type { Timed } from '../hostOptions.ts'
import { keyedHash } from '../random/keyedHash.ts'
import { type Heard, hearAdvert } from './adverts.ts'
import { Connection, type FlowsOwner, MOST_FLOWS, provesSyn } from './connection.ts'
import { type JoinOptions, Joins, type JoinsHost } from './joins.ts'
import { type KeyOf, Keys, sameMac } from './keys.ts'
import { Telling, type TellingHost } from './telling.ts'

/** The parts of a host that connections use. */
export interface ConnectionsHost extends JoinsHost, TellingHost {
  /** Returns the owner of the connection that this flow opened; undefined if it takes no further flow. */
  ownerOf: ((first: Flow) => FlowsOwner | undefined) | undefined
  readonly flowIds: FlowIdSource
  retry(flow: Flow, now: number): void
}

/** Ended flows of each connection by which a SYN still finds it: as many as it may have at once. */
const MOST_FORMER = MOST_FLOWS

/** How a flow's notice ends it. */
const WHY = new Map([
  [RESET, ENDED.RESET],
  [REFUSED, ENDED.RESET],
  [TIMED_OUT, ENDED.TIMED_OUT],
])

/** The states of a flow that has sent its FIN, and of one that has got its peer's. */
const { FINWAIT1, FINWAIT2, CLOSING, CLOSEWAIT, LASTACK } = CONNECTION
const HAS_FINISHED: ReadonlySet<number> = new Set([FINWAIT1, FINWAIT2, CLOSING, LASTACK])
const HAS_HEARD: ReadonlySet<number> = new Set([CLOSING, CLOSEWAIT, LASTACK])

/** What the machine decided about a flow that begins. */
export interface Verdict {
  /** The bit of the flow that may begin; 0 if none. */
  readonly flow: number
  readonly isAgain: boolean
  /** A reason of spec/machines/connection/reasons.ts; 0 for none. */
  readonly reason: number
}

export class Connections implements Timed {
  readonly #host: ConnectionsHost
  readonly #engine: Engine
  readonly #secretKeyOf: KeyOf
  readonly #joins: Joins
  readonly #telling: Telling
  /** By the flowIDs of flows that have ended while others go on. */
  readonly #former = new Map<number, Connection>()
  #verdict: { flow: number; isAgain: boolean; reason: number } = { flow: 0, isAgain: false, reason: 0 }
  /** The advertisement that is heard now, and its flow. */
  #heard: Heard | undefined
  #hearing: Flow | undefined
  #now = 0

  constructor(host: ConnectionsHost, engine: Engine, secret: Uint8Array) {
    this.#host = host
    this.#engine = engine
    this.#secretKeyOf = keyedHash(secret)
    this.#joins = new Joins(host, engine, this)
    this.#telling = new Telling(host)
  }

  /** Returns this end's key of the connection that the flow with this flowID opens. */
  keyOf(flowId: number): Nonce {
    return this.#secretKeyOf(flowId, this.#host.flowIds.generationOf(flowId))
  }

  /** Adds a flow to the connection of `flow`. Throws SAL_STATE, SAL_LIMIT, SAL_NO_ADDRESS, SAL_FAMILY. */
  join(flow: Flow, options: JoinOptions, now: number): Flow {
    return this.#joins.join(flow, options, now)
  }

  /** Handles the SYN of a flow that joins. */
  receiveSyn(frame: Frame, from: Address, to: Address, now: number): void {
    this.#joins.receiveSyn(frame, from, to, now)
  }

  /** True if a SYN that names a flow is only a stranger's: it must not make the flow a connection that costs memory. */
  isStrange(named: Flow, syn: Frame): boolean {
    if (named.belongsTo !== undefined || !isShareable(named)) return false
    return !provesSyn(new Keys(named.peerKey, this.keyOf(named.id)), syn)
  }

  /** Returns the connection of a flow; undefined if it can have no other flow. */
  of(flow: Flow, now: number): Connection | undefined {
    if (flow.belongsTo !== undefined) return flow.belongsTo
    if (!isShareable(flow)) return undefined
    const owner = this.#host.ownerOf?.(flow)
    if (owner === undefined) return undefined
    const connection = new Connection(flow, flow.synKey === '', this.keyOf(flow.id), owner)
    flow.belongsTo = connection
    // The connection hears what has happened to its first flow before.
    if (HAS_FINISHED.has(flow.connection)) this.step(connection, { type: 'CLOSE' }, now)
    if (HAS_HEARD.has(flow.connection)) this.#hearFin(connection, flow, now)
    return connection
  }

  /** Returns the connection of a flow. Throws SAL_STATE if it can have no other flow. */
  need(flow: Flow, now: number): Connection {
    const connection = this.of(flow, now)
    if (connection !== undefined) return connection
    throw new SalError(
      'SAL_STATE',
      'the connection has one flow only: its peer, or its owner, takes no other',
    )
  }

  /** Asks whether this end may add a flow. */
  add(connection: Connection, isBackup: boolean, now: number): Verdict {
    this.#verdict = { flow: 0, isAgain: false, reason: 0 }
    this.step(connection, { type: 'ADD', flow: connection.freeBit, backup: isBackup ? 1 : 0 }, now)
    return this.#verdict
  }

  /** Asks what to do with a SYN that joins. */
  admit(connection: Connection, frame: Frame, isKnown: boolean, now: number): Verdict {
    this.#verdict = { flow: 0, isAgain: false, reason: 0 }
    const { srcFlow } = frame
    this.step(
      connection,
      {
        type: 'JOIN',
        flow: connection.freeBit,
        backup: joinOf(frame).flags & JOIN_BACKUP,
        proves: provesSyn(connection.peerKeys, frame) ? 1 : 0,
        known: isKnown ? 1 : 0,
        copies: connection.copiesOf(srcFlow),
        spent: connection.isSpent(srcFlow) ? 1 : 0,
      },
      now,
    )
    return this.#verdict
  }

  /** Makes a flow a backup, or not any more: the peer hears of it. Throws SAL_STATE. */
  mark(flow: Flow, isBackup: boolean, now: number): void {
    const connection = this.need(flow, now)
    this.step(connection, { type: 'MARK', flow: connection.bitOf(flow), backup: isBackup ? 1 : 0 }, now)
  }

  /** Removes a flow, at once or when the peer has confirmed another one. Throws SAL_STATE if it is the last one. */
  remove(flow: Flow, now: number): void {
    const connection = flow.belongsTo
    this.#verdict = { flow: 0, isAgain: false, reason: LAST_FLOW }
    if (connection !== undefined) {
      this.#verdict.reason = 0
      this.step(connection, { type: 'REMOVE', flow: connection.bitOf(flow) }, now)
    }
    const { reason } = this.#verdict
    if (reason !== 0)
      throw new SalError('SAL_STATE', `the flow stays in its connection: ${JOIN_REASONS[reason]}`)
  }

  /** Keeps flows of one connection after all whose removal has not happened yet. */
  keep(flows: readonly Flow[], now: number): void {
    const connection = flows[0]?.belongsTo
    if (connection === undefined) return
    const set = flows.reduce((bits, flow) => bits | connection.bitOf(flow), 0)
    this.step(connection, { type: 'KEEP', flows: set }, now)
  }

  /** The peer has shown that it has a flow that joined. */
  confirmed(flow: Flow, connection: Connection, now: number): void {
    this.step(connection, { type: 'CONFIRMED', flow: connection.bitOf(flow) }, now)
  }

  /** Tells the peer of a flow which addresses this host has. Throws SAL_STATE. */
  advertise(flow: Flow, now: number): void {
    this.step(this.need(flow, now), { type: 'CHANGE' }, now)
  }

  /** The transport of a flow has delivered everything: the flow closes, and the whole connection. */
  finished(flow: Flow, now: number): void {
    if (flow.belongsTo?.isOpen) this.step(flow.belongsTo, { type: 'CLOSE' }, now)
    this.#engine.step(flow, CLOSE, now)
  }

  /** Resets all flows of a flow's connection. */
  abort(flow: Flow, now: number): void {
    if (flow.belongsTo === undefined) this.#engine.step(flow, ABORT, now)
    else this.step(flow.belongsTo, { type: 'ABORT' }, now)
  }

  /** Ends one flow at once, in any state. */
  end(flow: Flow, now: number): void {
    if (!this.#engine.step(flow, ABORT, now)) this.#engine.step(flow, CLOSE, now)
  }

  /** Hears a notice of a flow. */
  notice(flow: Flow, connection: Connection, notice: number, now: number): void {
    const bit = connection.bitOf(flow)
    if (notice === CONNECTED || notice === ACCEPTED) this.step(connection, { type: 'UP', flow: bit }, now)
    if (notice === PEER_CLOSED) this.#hearFin(connection, flow, now)
    const why = WHY.get(notice)
    if (why !== undefined) this.#down(flow, connection, why, now)
  }

  /** A flow rests in TIME-WAIT, or is over. */
  ended(flow: Flow, connection: Connection, now: number): void {
    this.#down(flow, connection, ENDED.CLOSED, now)
    connection.exclude(flow)
    flow.belongsTo = undefined
    connection.formerIds.push(flow.id)
    if (connection.isOver) this.#forget(connection, connection.formerIds.splice(0))
    else {
      this.#former.set(flow.id, connection)
      if (connection.formerIds.length > MOST_FORMER)
        this.#forget(connection, connection.formerIds.splice(0, 1))
    }
  }

  /** Returns the connection of a flow that has ended lately. The flowID may be signed. */
  former(flowId: number): Connection | undefined {
    return this.#former.get(flowId >>> 0)
  }

  /** A flowID may have been used again, by a flow of another connection. */
  #forget(connection: Connection, flowIds: readonly number[]): void {
    for (const id of flowIds) if (this.#former.get(id) === connection) this.#former.delete(id)
  }

  #down(flow: Flow, connection: Connection, why: number, now: number): void {
    const bit = connection.bitOf(flow)
    const hasJoined = (connection.state.pending & bit) === 0
    this.step(connection, { type: 'DOWN', flow: bit, why }, now)
    // The owner never hears of a flow that fails to join.
    if (!hasJoined) flow.transport.destroy()
  }

  /** Reads what an ACK with the right nonce says of the connection. Returns false if there are too many. */
  hear(flow: Flow, frame: Frame, now: number): boolean {
    const connection = this.of(flow, now)
    if (connection === undefined || !connection.mayHear(flow, now)) return false
    this.#hearing = flow
    if (frame.advertised >= 0) {
      const heard = hearAdvert(connection, frame, flow.local)
      const { version, wishes, backups, named } = heard
      this.#heard = heard
      const proves = heard.proves ? 1 : 0
      this.step(connection, { type: 'ADVERTISED', version, wishes, backups, named, proves }, now)
    }
    if (frame.echoed >= 0) {
      const { version, mac } = echoedOf(frame)
      const proves = sameMac(mac, connection.peerKeys.echo(frame.srcFlow, version)) ? 1 : 0
      this.step(connection, { type: 'ECHOED', version, proves }, now)
    }
    return true
  }

  /** Runs a step and carries out its effects, which may cause further steps. */
  step(connection: Connection, event: ConnectionEvent, now: number): void {
    this.#now = now
    const effects: ConnectionEffect[] = []
    connectionStep().step(connection.state, event, effects, [])
    for (const effect of effects) this.#perform(connection, effect)
    if (connection.state.owed === 0) this.#telling.settle(connection)
  }

  #perform(connection: Connection, effect: ConnectionEffect): void {
    const now = this.#now
    switch (effect.type) {
      case 'join':
      case 'welcome':
        this.#verdict.flow = effect.params.flow
        break
      case 'again':
        this.#verdict.isAgain = true
        break
      case 'reject':
        this.#verdict.reason = effect.params.reason
        break
      case 'use':
        for (const member of connection.members(effect.params.flow)) {
          connection.spend(member)
          connection.owner.onFlow(member.flow)
        }
        break
      case 'leave':
        for (const { flow } of connection.members(effect.params.flow)) connection.owner.onLeave(flow)
        break
      case 'mark':
        for (const { flow } of connection.members(-1))
          connection.owner.onBackup?.(flow, (effect.params.flows & connection.bitOf(flow)) !== 0)
        break
      case 'confirmEnd':
        for (const { flow } of connection.members(effect.params.flow)) this.#engine.confirmEnd(flow, now)
        break
      case 'close':
        for (const { flow } of connection.members(effect.params.flows)) this.#close(flow)
        break
      case 'abort':
        for (const { flow } of connection.members(effect.params.flows)) this.end(flow, now)
        break
      case 'probe':
        for (const { flow } of connection.members(effect.params.flows)) this.#host.retry(flow, now)
        break
      case 'advertise':
        this.#telling.advertise(connection, now)
        break
      case 'adopt':
        this.#adopt(connection)
        this.#heed(connection, effect.params.flows)
        break
      case 'heed':
        this.#heed(connection, effect.params.flows)
        break
      case 'echo':
        this.#telling.echo(connection, effect.params.version, this.#hearing, now)
        break
      case 'over':
        connection.owner.onOver?.(effect.params.why)
        break
      default:
        none(effect)
    }
  }

  #hearFin(connection: Connection, flow: Flow, now: number): void {
    const ended = flow.transport.hasHeardEnd ? 1 : 0
    this.step(connection, { type: 'FIN', flow: connection.bitOf(flow), ended }, now)
  }

  #close(flow: Flow): void {
    if (flow.transport.finished) this.#engine.step(flow, CLOSE, this.#now)
  }

  #heed(connection: Connection, flows: number): void {
    for (const { flow } of connection.members(flows))
      this.step(connection, { type: 'HEED', flow: connection.bitOf(flow) }, this.#now)
  }

  #adopt(connection: Connection): void {
    connection.peerAddresses = must(this.#heard).addresses
    connection.owner.onAdvert?.()
  }

  nextTimeout(): number {
    return this.#telling.nextTimeout()
  }

  poll(now: number): void {
    for (const connection of this.#telling.owing)
      if (connection.retryAt <= now) this.step(connection, { type: 'RETRY' }, now)
  }
}

const isShareable = (flow: Flow): boolean => flow.isLive && (flow.state.capabilities & SEVERAL_FLOWS) !== 0

const CLOSE = newEvent('CLOSE')
const ABORT = newEvent('ABORT')
