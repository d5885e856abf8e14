/** Sees every step of a host's flows and every packet that leaves, and holds them against what must hold. */

import { at, must } from '../../checker/text/at.ts'
import type { Flow } from '../../impl/host/flows/flow.ts'
import type { Host } from '../../impl/host/host.ts'
import type { Address, Datagram } from '../../impl/link/link.ts'
import { overlaps } from '../../spec/machines/flow/capabilities.ts'
import type { FlowState } from '../../spec/machines/flow/compiled.ts'
import type { AnyFlowEvent } from '../../spec/machines/flow/events.ts'
import { VERNO_SPACE } from '../../spec/machines/flow/registers.ts'
import { notBefore } from '../../spec/machines/flow/serial.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'
import { flowStep } from '../../spec/machines/flow/step.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import type { Findings } from './findings.ts'
import type { RuleName } from './rules.ts'
import { placeOf } from './station.ts'

/** The state of a flow after its last step. */
interface Past {
  readonly host: Host
  readonly state: FlowState
  /** Every address that it was at or moved to. */
  readonly addresses: Set<Address>
}

const IDENTITIES = ['localFlow', 'localNonce', 'peerFlow', 'peerNonce'] as const
const { INIT, REQUEST, RESPOND, CONNECTED, FINWAIT2, LASTACK, CLOSED } = CONNECTION

export class Watch {
  readonly #findings: Findings<RuleName>
  readonly #now: () => number
  readonly #past = new Map<Flow, Past>()
  readonly #byId = new Map<number, Flow>()
  readonly #touched = new Set<Flow>()
  /** Flows that waited in vain for their peer's FIN, and until when. */
  readonly #gaveUp = new Map<Flow, number>()
  /** Clients whose servers' handshakes timed out. */
  readonly #unconfirmed = new Set<Flow>()
  readonly #frame = newFrame()
  /** Steps seen, and packets of data. */
  steps = 0
  /** By number of the transition, how often it was taken. */
  readonly taken = new Uint32Array(flowStep().transitions.length)

  constructor(findings: Findings<RuleName>, now: () => number) {
    this.#findings = findings
    this.#now = now
  }

  attach(host: Host): void {
    host.observer = (flow, event, fired) => this.#see(host, flow, event, fired)
  }

  /** Returns when a flow gave up waiting for its peer's FIN, in ms; -1 if it did not. */
  gaveUpAt(flow: Flow): number {
    return this.#gaveUp.get(flow) ?? -1
  }

  /** Whether the flow's ACK did not reach its server in the seconds that a handshake lasts. */
  isUnconfirmed(flow: Flow): boolean {
    return this.#unconfirmed.has(flow)
  }

  /** After each act of a host, when timers are set: they run for what is owed. */
  settle(): void {
    for (const flow of this.#touched) {
      const { owed } = flow.state
      if (flow.isClosed) continue
      if (must(this.#past.get(flow)).host.flowById(flow.id) !== flow)
        this.#finding('identity', flow, 'is not found by its flowID')
      if ((flow.timeoutAt !== Number.POSITIVE_INFINITY) !== (owed !== 0))
        this.#finding('timer', flow, `owes ${owed}, and its timer ${owed === 0 ? 'runs' : 'does not run'}`)
    }
    this.#touched.clear()
  }

  /** A packet that a host sends. */
  sees(host: Host, { from, to, bytes }: Datagram): void {
    const frame = this.#frame
    if (decodeFrame(bytes, 0, bytes.length, frame) !== 0 || frame.flags !== 0) return
    const flow = host.flowById(frame.srcFlow)
    if (flow === undefined) return
    const { local, peer, migration, capabilities } = flow.state
    const mayGoOn = overlaps(capabilities) && host.places.isOwn(local)
    if (from !== local || to !== peer || (migration !== MIGRATION.INITIAL && !mayGoOn))
      this.#finding('frozen', flow, 'sends data elsewhere, or while it moves and has to wait')
  }

  #see(host: Host, flow: Flow, event: AnyFlowEvent, fired: readonly number[]): void {
    this.steps++
    for (const transition of fired) this.taken[transition] = at(this.taken, transition) + 1
    this.#touched.add(flow)
    const { state } = flow
    const past = this.#past.get(flow)
    if (past === undefined) this.#begin(host, flow)
    else {
      this.#compare(flow, past.state, event, fired.length > 0)
      Object.assign(past.state, state)
      past.state.peerNonce = state.peerNonce === 0 ? 0 : PEER
    }
    const { addresses } = must(this.#past.get(flow))
    if (state.local !== 0) addresses.add(state.local)
    if (state.nextLocal !== 0) addresses.add(state.nextLocal)
  }

  #begin(host: Host, flow: Flow): void {
    const state = { ...flow.state }
    state.peerNonce = state.peerNonce === 0 ? 0 : PEER
    this.#past.set(flow, { host, state, addresses: new Set() })
    this.#byId.set(flow.id, flow)
    if (state.peerFlow !== 0) this.#bound(flow)
  }

  /** The flow has a peer from now on. */
  #bound(flow: Flow): void {
    const { peer, peerFlow } = flow.state
    const other = this.#byId.get(peerFlow)
    if (other !== undefined && !must(this.#past.get(other)).addresses.has(placeOf(peer)))
      this.#finding('bound', flow, 'takes its peer to be where that never was')
  }

  #compare(flow: Flow, was: FlowState, event: AnyFlowEvent, isTaken: boolean): void {
    const is = flow.state
    if (was.connection === FINWAIT2 && event.type === 'EXPIRE') this.#gaveUp.set(flow, this.#now())
    if (was.connection === RESPOND && is.connection === CLOSED && event.type === 'TIMEOUT') {
      const client = this.#byId.get(was.peerFlow)
      if (client !== undefined) this.#unconfirmed.add(client)
    }
    if (was.connection === CLOSED && is.connection !== CLOSED)
      this.#finding('state', flow, `is ${is.connection} after it was CLOSED`)
    if (
      !isTaken &&
      (Object.keys(was) as (keyof FlowState)[]).some(name => name !== 'peerNonce' && was[name] !== is[name])
    )
      this.#finding('state', flow, `changed at ${event.type}, which it did not take`)
    if (!LEGAL.has(`${was.connection} ${is.connection}`))
      this.#finding('state', flow, `went from connection state ${was.connection} to ${is.connection}`)
    if (is.connection === CLOSED) return
    for (const name of IDENTITIES)
      if (was[name] !== 0 && name !== 'peerNonce' && was[name] !== is[name])
        this.#finding('identity', flow, `has another ${name}`)
    for (const name of ['sndNxt', 'rcvNxt'] as const)
      if (was[name] !== is[name] && was.rcvNxt !== 0 && !notBefore(is[name], was[name], VERNO_SPACE))
        this.#finding('version', flow, `takes ${name} from ${was[name]} back to ${is[name]}`)
    const isLive = is.connection >= CONNECTED && is.connection <= LASTACK
    if (is.migration !== MIGRATION.INITIAL && !isLive)
      this.#finding('early', flow, `moves in connection state ${is.connection}`)
    if (isLive && was.connection >= RESPOND && was.peer !== is.peer) this.#followed(flow, event)
    if (was.connection === RESPOND && isLive) this.#confirmed(flow)
    if (was.connection === REQUEST && event.type === 'SYNACK') {
      if (isLive) this.#bound(flow)
      else if (event.ackno === was.sndNxt) this.#finding('bound', flow, 'passes over the first that answers')
    }
  }

  /** The client has taken this server, of all that answered. */
  #confirmed(flow: Flow): void {
    const client = this.#byId.get(flow.state.peerFlow)
    const { peerFlow } = client === undefined ? flow.state : must(this.#past.get(client)).state
    if (client !== undefined && peerFlow !== 0 && peerFlow !== flow.id)
      this.#finding('bound', flow, 'has a client that another instance has')
  }

  /** The flow has a new address for its peer. */
  #followed(flow: Flow, event: AnyFlowEvent): void {
    const { peer, peerFlow } = flow.state
    const other = this.#byId.get(peerFlow)
    const addresses = other && must(this.#past.get(other)).addresses
    if (event.from !== peer) this.#finding('address', flow, `follows its peer to where nobody answered from`)
    else if (addresses !== undefined && !addresses.has(placeOf(peer)))
      this.#finding('address', flow, 'follows its peer to where that never was')
  }

  #finding(
    rule: 'timer' | 'state' | 'identity' | 'version' | 'address' | 'early' | 'frozen' | 'bound',
    flow: Flow,
    what: string,
  ) {
    this.#findings.add(rule, this.#now(), `flowID ${flow.id.toString(16)} ${what}`)
  }
}

/** The machine's name for the peer's nonce, once the host has taken it over. */
const PEER = 2

/** Pairs of connection states, before and after one step, that the machine's transitions allow. */
const LEGAL: ReadonlySet<string> = new Set([
  ...Object.values(CONNECTION).map(state => `${state} ${state}`),
  ...flowStep().transitions.flatMap(({ region, source, target }) =>
    region === 'connection' && target !== undefined ? [`${numberOf(source)} ${numberOf(target)}`] : [],
  ),
])

function numberOf(state: string): number {
  return CONNECTION[state as keyof typeof CONNECTION] ?? INIT
}
