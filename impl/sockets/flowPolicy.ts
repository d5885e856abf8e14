/** Decides which flows a connection should have. Pure: the caller adds the flows. */
import { reaches } from '../host/paths/mobility.ts'
import { ipOf, isIPv4 } from '../link/address.ts'
import type { Address } from '../link/link.ts'

/** The policies, for options. */
export const FLOW_POLICIES = ['one', 'failover', 'all'] as const

/**
 * `one`: this end adds no flow and refuses those of the peer. `failover`: a second flow is kept open as a backup,
 * and a further one if the second shares an address with the first. `all`: each
 * address of either end has a flow. Without a policy, this end adds no flow by itself unless none gets through, and accepts those of
 * the peer.
 */
export type FlowPolicy = (typeof FLOW_POLICIES)[number]

/** The two ends of a flow. */
export interface Pair {
  readonly from: Address
  readonly to: Address
}

/** The most flows that a policy asks for; the rest of a connection's flows is for its application and its peer. */
const MOST_WANTED = 4
/** The most flows that may be open or joining meanwhile: a better pair is tried while another one gets no answer. */
const MOST_TRIED = 6

/** Handshakes in progress while no flow gets through. */
const MOST_RESCUES = 3

/** Of a pair whose addresses are both those of the oldest flow. */
const WHOLLY_SHARED = 3

/** The input of a policy. Each list of addresses has the preferred one first; that of the peer, the one in use. */
export interface Known {
  readonly locals: readonly Address[]
  readonly remotes: readonly Address[]
  /** The flows that are connected, and those that are joining and may never be. */
  readonly flows: readonly Pair[]
  readonly joining: readonly Pair[]
  /** True for ends between which a flow could not be opened. */
  hasFailed(pair: Pair): boolean
}

/** Returns the flows to add. */
export function wantedFlows(policy: FlowPolicy | undefined, known: Known): readonly Pair[] {
  if (policy === 'all') return all(known)
  return policy === 'failover' ? otherPath(known) : []
}

/** Returns pairs that have no flow, when no flow gets through: whatever the policy, one of them may. */
export function untriedFlows({ locals, remotes, flows, joining, hasFailed }: Known): readonly Pair[] {
  const isUsed = ({ from, to }: Pair): boolean =>
    [...flows, ...joining].some(one => one.from === from && one.to === to)
  return locals
    .flatMap(from => remotes.map(to => ({ from, to })))
    .filter(pair => reaches(pair.from, pair.to) && !isUsed(pair) && !hasFailed(pair))
    .sort(byLikeness)
    .slice(0, Math.max(0, MOST_RESCUES - joining.length))
}

/**
 * Covers each address that no flow uses. A pair whose addresses are alike is likely to lead through one network, so it is tried
 * even while another pair of that address is joining: the peer may have advertised the better address a moment later.
 */
function all({ locals, remotes, flows, joining, hasFailed }: Known): readonly Pair[] {
  const wanted: Pair[] = []
  const isUsed = (end: 'from' | 'to', address: Address): boolean =>
    flows.some(flow => flow[end] === address) || wanted.some(flow => flow[end] === address)
  const add = (end: 'from' | 'to', address: Address, pairs: readonly Pair[]): void => {
    const best = pairs.filter(pair => reaches(pair.from, pair.to) && !hasFailed(pair)).sort(byLikeness)[0]
    const isTried = joining.some(
      one => one[end] === address && best !== undefined && likeness(one) >= likeness(best),
    )
    if (best === undefined || isTried || flows.length + wanted.length >= MOST_WANTED) return
    if (flows.length + joining.length + wanted.length < MOST_TRIED) wanted.push(best)
  }
  for (const to of remotes)
    if (!isUsed('to', to))
      add(
        'to',
        to,
        locals.map(from => ({ from, to })),
      )
  for (const from of locals)
    if (!isUsed('from', from))
      add(
        'from',
        from,
        remotes.map(to => ({ from, to })),
      )
  return wanted
}

/** Returns those that join although connected flows use both of their addresses: better pairs have come first. */
export const needless = ({ flows, joining }: Pick<Known, 'flows' | 'joining'>): readonly Pair[] =>
  joining.filter(
    ({ from, to }) => flows.some(flow => flow.from === from) && flows.some(flow => flow.to === to),
  )

/**
 * Returns a flow that shares as little as possible with the oldest one: first another local address, then another remote one. A
 * better pair is tried while another one is joining, and once that is connected: two flows that share an address fail with its
 * network.
 */
function otherPath({ locals, remotes, flows, joining, hasFailed }: Known): readonly Pair[] {
  const [oldest, ...others] = flows
  const shared = ({ from, to }: Pair): number => (from === oldest?.from ? 2 : 0) + (to === oldest?.to ? 1 : 0)
  const least = others.reduce((least, pair) => Math.min(least, shared(pair)), WHOLLY_SHARED)
  const byWorth = (a: Pair, b: Pair): number => shared(a) - shared(b) || byLikeness(a, b)
  const [best] = locals
    .flatMap(from => remotes.map(to => ({ from, to })))
    .filter(pair => shared(pair) < least && reaches(pair.from, pair.to) && !hasFailed(pair))
    .sort(byWorth)
  if (best === undefined || joining.length >= 2) return []
  return joining.some(one => byWorth(one, best) <= 0) ? [] : [best]
}

const byLikeness = (a: Pair, b: Pair): number => likeness(b) - likeness(a)

/** The number of leading bits that two IPv4 addresses share; 0 for others. */
const likeness = ({ from, to }: Pair): number =>
  isIPv4(from) && isIPv4(to) ? Math.clz32(ipOf(from) ^ ipOf(to)) : 0
