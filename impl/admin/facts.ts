/** Reads the state of a running stack, and changes nothing. */
import { at, must } from '../../checker/text/at.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'
import type { Flow } from '../host/flows/flow.ts'
import type { Listener } from '../host/flows/listener.ts'
import { printPrefix, printServiceId } from '../host/services/serviceId.ts'
import type { Target } from '../host/services/serviceTable.ts'
import { printAddress } from '../link/address.ts'
import { carriedIn } from '../sockets/flowInfo.ts'
import { FlowSet } from '../sockets/flowSet.ts'
import { measuredOf, pathOf, silenceOf } from '../sockets/pathInfo.ts'
import { localNetworks, type Protection, protectionOf } from '../sockets/protection.ts'
import { listenedOf } from '../sockets/services.ts'
import type { Stack } from '../sockets/stack.ts'
import { DatagramTransport } from '../transport/datagram.ts'
import { Stream } from '../transport/stream/stream.ts'
import { type FlowFact, printFlowId, type RuleFact, type ServiceFact } from './methods.ts'

/** Rows of a page: a page of flows is about 200 KB. */
export const PAGE = 512

const CONNECTIONS = Object.keys(CONNECTION)
const MIGRATIONS = Object.keys(MIGRATION)
const STREAM = 6

export function flowsOf(stack: Stack, after = ''): { flows: FlowFact[]; isMore: boolean } {
  const names = namesOf(stack)
  const rest = stack.host
    .flows()
    .filter(({ id }) => printFlowId(id) > after)
    .sort((a, b) => a.id - b.id)
  const nowMs = stack.driver.now()
  const protections = protectionsIn(stack, nowMs)
  const flows = rest
    .slice(0, PAGE)
    .map(flow => ({ ...factOf(flow, names, nowMs), protection: protections.get(flow) ?? null }))
  return { flows, isMore: rest.length > PAGE }
}

/** Returns how far each connection is protected that has several flows, or whose policy keeps several. */
function protectionsIn({ handles }: Stack, nowMs: number): ReadonlyMap<Flow, Protection> {
  const protections = new Map<Flow, Protection>()
  const networkOf = localNetworks()
  for (const { flows: all, flowPolicy } of handles) {
    const flows = [...all]
    if (flows.length < 2 && flowPolicy !== 'failover' && flowPolicy !== 'all') continue
    const working = flows.filter(flow => flow.isLive && !carried(flow, nowMs).isStalled)
    const pairs = working.map(({ local, peer }) => ({ from: local, to: peer }))
    for (const flow of flows) protections.set(flow, protectionOf(pairs, networkOf))
  }
  return protections
}

function factOf(flow: Flow, names: ReadonlyMap<string, string>, nowMs: number): Omit<FlowFact, 'protection'> {
  const id = printServiceId(flow.service)
  const { transport } = flow
  return {
    ...{ flow: printFlowId(flow.id), service: names.get(id) ?? id, id },
    kind: transport.protocol === STREAM ? 'stream' : 'datagram',
    side: isOpener(flow) ? 'client' : 'server',
    connection: at(CONNECTIONS, flow.connection),
    migration: at(MIGRATIONS, flow.migration),
    local: printAddress(flow.local),
    peer: printAddress(flow.peer),
    path: flow.relayed === undefined ? null : flow.peer === flow.relayed.via ? 'relayed' : 'direct',
    ...carried(flow, nowMs),
    buffered: transport.buffered,
    of: oldestOf(flow),
  }
}

/** True at the end that opened the connection of the flow; either end may add flows to it. */
const isOpener = ({ belongsTo, listener }: Flow): boolean =>
  belongsTo === undefined ? listener === undefined : belongsTo.state.opener === 1

/** Returns the oldest flow of a connection with several. */
function oldestOf({ belongsTo }: Flow): string | null {
  const [oldest] = belongsTo?.flows ?? []
  return oldest === undefined ? null : printFlowId(oldest.id)
}

type Carried = Pick<
  FlowFact,
  'isStalled' | 'sent' | 'received' | 'roundTripMs' | 'mtu' | 'goodput' | 'silentMs'
>

function carried(flow: Flow, nowMs: number): Carried {
  const { transport, belongsTo } = flow
  const whole = belongsTo?.owner instanceof FlowSet ? belongsTo.owner.whole : transport
  if (whole instanceof Stream) {
    const path = pathOf(flow, measuredOf(flow, whole), nowMs)
    return {
      ...{ isStalled: path.state === 'stalled', sent: path.bytesSent, received: path.bytesReceived },
      roundTripMs: path.roundTripMs < 0 ? null : path.roundTripMs,
      ...{ mtu: path.mtu, goodput: path.goodput ?? null, silentMs: path.silentMs ?? null },
    }
  }
  const unmeasured = { silentMs: silenceOf(flow, nowMs) ?? null, mtu: null, goodput: null }
  if (!(whole instanceof DatagramTransport))
    return { ...unmeasured, sent: 0, received: 0, isStalled: false, roundTripMs: null }
  const { sent, received, isStalled, roundTripMs } = carriedIn(flow, whole)
  return { ...unmeasured, sent, received, isStalled, roundTripMs: roundTripMs < 0 ? null : roundTripMs }
}

export function servicesOf(stack: Stack, after = ''): { services: ServiceFact[]; isMore: boolean } {
  const listeners = stack.host.services
    .listeners()
    .map(listener => ({ id: printPrefix(listener.prefix), listener }))
    .filter(({ id }) => id > after)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const services = listeners.slice(0, PAGE).map(({ id, listener }) => ({
    service: listener.prefix.text,
    id,
    flows: listener.flows,
    pending: listener.pending,
    waiting: listener.ready.length,
  }))
  return { services, isMore: listeners.length > PAGE }
}

export function rulesOf(stack: Stack, after = 0): { rules: RuleFact[]; next: number } {
  const { rules, next } = stack.host.services.page(after, PAGE)
  const facts = rules.map(({ prefix, target, priority, weight, isPlain, packets, bytes, drops }) => ({
    ...{ prefix: prefix.text, bits: prefix.bits, priority, weight, isPlain, packets, bytes, drops },
    target: printTarget(target),
  }))
  return { rules: facts, next }
}

const printTarget = (target: Target<Listener>): string =>
  target.kind === 'forward' ? `forward ${printAddress(target.address)}` : target.kind

export function countersOf(stack: Stack): Record<string, number> {
  const { link, ...host } = stack.counters
  const { errors = {}, ...rest } = link ?? {}
  const named = (prefix: string, counts: object) =>
    Object.entries(counts).map(([name, count]): [string, number] => [prefix + name, count])
  return Object.fromEntries([...named('', host), ...named('link.', rest), ...named('link.error.', errors)])
}

/** Maps 64 digits to the name that the program used: a serviceID does not contain its name. */
function namesOf(stack: Stack): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const user of stack.users) {
    const name = nameOf(user)
    const id = name === undefined ? undefined : printPrefix(listenedOf(name))
    // A socket made by a server knows only the digits.
    if (id !== undefined && name !== id) names.set(id, must(name))
  }
  return names
}

/** Sockets have the name as `service`, servers as part of their address. */
function nameOf(user: object): string | undefined {
  const own = 'service' in user ? user.service : undefined
  if (typeof own === 'string') return own
  const address: unknown = 'address' in user && typeof user.address === 'function' ? user.address() : null
  const service =
    typeof address === 'object' && address !== null && 'service' in address ? address.service : 0
  return typeof service === 'string' ? service : undefined
}
