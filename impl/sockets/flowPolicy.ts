/** Decides which flows a connection should have. Pure: the caller adds the flows. */
import { reaches } from '../host/paths/mobility.ts'
import { ipOf, isIPv4 } from '../link/address.ts'
import type { Address } from '../link/link.ts'

/** The policies, for options. */
export const FLOW_POLICIES = ['one', 'failover', 'all'] as const

/**
 * `one`: this end adds no flow and refuses those of the peer. `failover`: a second flow is kept open as a backup. `all`: each
 * address of either end has a flow. Without a policy, this end adds no flow by itself, and accepts those of the peer.
 */
export type FlowPolicy = (typeof FLOW_POLICIES)[number]

/** The two ends of a flow. */
export interface Pair {
  readonly from: Address
  readonly to: Address
}

/** The most flows that a policy asks for; the rest of a connection's flows is for its application and its peer. */
const MOST_WANTED = 4

/** What a policy knows. Addresses are in the order of preference; the peer's begin with the one in use. */
export interface Known {
  readonly locals: readonly Address[]
  readonly remotes: readonly Address[]
  /** The flows that there are, or that are about to be. */
  readonly flows: readonly Pair[]
  /** True for ends between which a flow could not be opened. */
  hasFailed(pair: Pair): boolean
}

/** Returns the flows to add. */
export function wantedFlows(policy: FlowPolicy | undefined, known: Known): readonly Pair[] {
  if (policy === 'all') return all(known)
  if (policy === 'failover' && known.flows.length < 2) return otherPath(known)
  return []
}

/** Covers each address that no flow uses. A pair whose addresses are alike is likely to lead through one network. */
function all({ locals, remotes, flows, hasFailed }: Known): readonly Pair[] {
  const wanted: Pair[] = []
  const isUsed = (end: 'from' | 'to', address: Address): boolean =>
    flows.some(flow => flow[end] === address) || wanted.some(flow => flow[end] === address)
  const add = (pairs: readonly Pair[]): void => {
    const best = pairs.filter(pair => reaches(pair.from, pair.to) && !hasFailed(pair)).sort(byLikeness)[0]
    if (best !== undefined && flows.length + wanted.length < MOST_WANTED) wanted.push(best)
  }
  for (const to of remotes) if (!isUsed('to', to)) add(locals.map(from => ({ from, to })))
  for (const from of locals) if (!isUsed('from', from)) add(remotes.map(to => ({ from, to })))
  return wanted
}

/** Returns a flow that shares as little as possible with the only one: first another local address, then another remote one. */
function otherPath({ locals, remotes, flows, hasFailed }: Known): readonly Pair[] {
  const [only] = flows
  const shared = ({ from, to }: Pair): number => (from === only?.from ? 2 : 0) + (to === only?.to ? 1 : 0)
  const best = locals
    .flatMap(from => remotes.map(to => ({ from, to })))
    .filter(pair => shared(pair) < 3 && reaches(pair.from, pair.to) && !hasFailed(pair))
    .sort((a, b) => shared(a) - shared(b) || byLikeness(a, b))
  return best.slice(0, 1)
}

const byLikeness = (a: Pair, b: Pair): number => likeness(b) - likeness(a)

/** The number of leading bits that two IPv4 addresses share; 0 for others. */
const likeness = ({ from, to }: Pair): number =>
  isIPv4(from) && isIPv4(to) ? Math.clz32(ipOf(from) ^ ipOf(to)) : 0
