import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate'
import { at } from '../../checker/text/at.ts'
import {
  ALWAYS,
  ANY_STATE,
  type Chart,
  type Edge,
  type EventKind,
  OTHERWISE,
  type Region,
  type State,
} from './chart.ts'
import { actionText, guardText, type ValueNames } from './wording.ts'

/**
 * What there is to draw of a machine: its regions, their states, and their transitions with those joined that differ
 * in nothing but the event. `names` says what numbers given to guards and actions stand for.
 *
 * @throws ChartError when a state has states of its own, or a transition leads into another region.
 */
export function readChart(machine: AnyStateMachine, names: ValueNames = {}): Chart {
  const { root } = machine
  const nodes = root.type === 'parallel' ? Object.values(root.states) : [root]
  const regions = nodes.map(node => readRegion(node, machine.id, names))
  const ofRoot = root.type === 'parallel' ? outgoing(root, names) : []
  for (const edge of ofRoot) placeRootEdge(edge, nodes, regions)
  const all = regions.flatMap(region => region.edges)
  const events = [...new Set(all.flatMap(edge => edge.events))]
  return {
    name: machine.id,
    regions: regions.map(region => ({ ...region, edges: joined(region.edges) })),
    kinds: Object.fromEntries(events.map(event => [event, eventKind(event)])),
    transitions: all.length,
  }
}

type GrowingRegion = Omit<Region, 'edges'> & { readonly edges: Edge[] }
type Outgoing = Omit<Edge, 'from' | 'to'> & { readonly target: AnyStateNode | undefined }

function readRegion(node: AnyStateNode, machineName: string, names: ValueNames): GrowingRegion {
  const children = Object.values(node.states)
  const name = node.parent ? node.key : machineName
  const initial = node.initial?.target?.[0]?.key
  if (initial === undefined) throw new ChartError('CHART002', name)
  const edges: Edge[] = []
  for (const child of children) {
    if (Object.keys(child.states).length > 0) throw new ChartError('CHART001', `${name}.${child.key}`)
    for (const { target = child, ...rest } of outgoing(child, names)) {
      if (target.parent !== node) throw new ChartError('CHART003', `${name}.${child.key}`)
      edges.push({ from: child.key, to: target.key, ...rest })
    }
  }
  for (const { target, ...rest } of outgoing(node, names)) {
    if (target && target.parent !== node) throw new ChartError('CHART003', name)
    edges.push({ from: ANY_STATE, to: target?.key ?? ANY_STATE, ...rest })
  }
  return { name, initial, states: children.map(child => readState(child, names)), edges }
}

/** A transition of the whole machine is listed in the region that it changes; in the first if it changes none. */
function placeRootEdge({ target, ...rest }: Outgoing, nodes: AnyStateNode[], regions: GrowingRegion[]): void {
  const index = target?.parent ? nodes.indexOf(target.parent) : 0
  if (index < 0) throw new ChartError('CHART003', 'the machine itself')
  at(regions, index).edges.push({ from: ANY_STATE, to: target?.key ?? ANY_STATE, ...rest })
}

function readState(node: AnyStateNode, names: ValueNames): State {
  return {
    name: node.key,
    final: node.type === 'final',
    entry: node.entry.map(action => actionText(action, names)),
    exit: node.exit.map(action => actionText(action, names)),
  }
}

/** A node's own transitions, one per event, in document order. */
function outgoing(node: AnyStateNode, names: ValueNames): Outgoing[] {
  const found: Outgoing[] = []
  const take = (event: string, candidates: readonly AnyTransitionDefinition[]) =>
    candidates.forEach((transition, index) => {
      found.push({ events: [event], ...readTransition(transition, index, names) })
    })
  for (const [event, candidates] of node.transitions) take(event, candidates)
  if (node.always) take(ALWAYS, node.always)
  return found
}

function readTransition(
  transition: AnyTransitionDefinition,
  index: number,
  names: ValueNames,
): Omit<Outgoing, 'events'> {
  const { target, guard, actions, reenter, source } = transition
  if (target && target.length > 1) throw new ChartError('CHART003', source.path.join('.'))
  return {
    guard: guardText(guard, names) || (index > 0 ? OTHERWISE : ''),
    actions: actions.map(action => actionText(action, names)),
    reenters: Boolean(reenter) && target?.[0] === source,
    target: target?.[0],
  }
}

/** Joins what differs in nothing but the event, at the place of the first. */
function joined(edges: readonly Edge[]): Edge[] {
  const byText = new Map<string, Edge>()
  for (const edge of edges) {
    const key = JSON.stringify({ ...edge, events: [] })
    const known = byText.get(key)
    byText.set(key, known ? { ...known, events: [...known.events, ...edge.events] } : edge)
  }
  return [...byText.values()]
}

const SENTENCES = {
  CHART001:
    'has states of its own: only flat states can be drawn, so move them up or into a region of their own',
  CHART002: 'has no initial state: name one, or check that this is a region with states',
  CHART003: 'has a transition into another region: let that region take the event itself',
} as const

/** Why a machine cannot be drawn. */
export type ChartErrorCode = keyof typeof SENTENCES

/** A machine that cannot be drawn; the message names the state and says what to do. */
class ChartError extends Error {
  readonly code: ChartErrorCode

  constructor(code: ChartErrorCode, where: string) {
    super(`${code}: ${where} ${SENTENCES[code]}.`)
    this.name = 'ChartError'
    this.code = code
  }
}

const TIMER_WORDS = new Set(['TIMEOUT', 'TIMER', 'EXPIRE', 'EXPIRED', 'RTO', 'RETRANSMIT', 'RETRY', 'GIVEUP'])

const PACKET_WORDS = new Set(
  'SYN SYNACK ACK FIN FINACK RST RSYN RSYNACK NACK DATA PACKET RECEIVE RECEIVED RECV RCV DELIVER'.split(' '),
)

/**
 * What an event's name says of where it comes from: a timer (`TIMEOUT`, `RTO_EXPIRED`), the network (`SYN`,
 * `RCV_RSYN_ACK`), the machine itself (`always`, `xstate.done...`), else the application (`CONNECT`).
 */
function eventKind(event: string): EventKind {
  if (event === ALWAYS || event.startsWith('xstate.')) return 'automatic'
  const words = event.toUpperCase().split(/[^A-Z]+/)
  if (words.some(word => TIMER_WORDS.has(word))) return 'timer'
  return words.some(word => PACKET_WORDS.has(word)) ? 'packet' : 'application'
}
