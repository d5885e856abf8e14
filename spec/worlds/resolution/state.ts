/** The state of hops, each with a service table, and of first packets between them; and how the machine's effects change it. */
import { bits, type View } from '../../../checker/lower/value.ts'
import type { Asked } from '../../machines/resolution/resolve.ts'
import { bitsFor } from '../bounds.ts'
import { type EffectsOf, step } from '../machines.ts'
import type { Values } from '../model.ts'
import { insert } from '../network.ts'
import { forwarded, hopsOf, isVisited, PATH_BITS, type Path, packPath, unpackPath } from './path.ts'

/** Addresses of the hops. The last one is the broadcast address. */
export const CLIENT = 1
export const NEAR = 2
export const FAR = 3
export const FIRST = 4
export const SECOND = 5
export const EVERYBODY = 7

/** Targets of rules. */
export const TARGET = { DEMUX: 1, FORWARD: 2, DROP: 3, DELAY: 4 } as const

/** The requested services, in binary: they share their first bit. The second one is keyed. */
export const WANTED = 0b10
export const KEYED = 0b11

/** Bits of a serviceID. */
export const SERVICE_BITS = 2

export const asked = (service: number): Asked => ({
  service,
  width: SERVICE_BITS,
  keyed: service === KEYED ? 1 : 0,
})

/** A rule that the table has at first. Weight 0 takes it out. */
const rule = (length: number, prefix: number, priority: number, target: number, to = 0) => ({
  ...{ length, prefix, priority, target, to, plain: 0 },
  weight: bits(1, 1),
})

/** A rule that leads to a listener. */
const plain = (...of: Parameters<typeof rule>) => ({ ...rule(...of), plain: 1 })

/** Rules that a table has room for. */
export const RULES = 4
const NO_RULE = { length: 0, prefix: 0, priority: 0, target: 0, to: 0, plain: 0, weight: 0 }

const hop = (address: number, mostHops: number, rules: readonly ReturnType<typeof rule>[]) => ({
  ...{ address, mostHops, forwarder: 0 },
  rule: Array.from({ length: RULES }, (_, i) => rules[i] ?? NO_RULE),
  got: bits(1),
})

const { DEMUX, FORWARD, DROP, DELAY } = TARGET

/**
 * Rules that contradict each other: longer prefixes with lower priorities, two ways back, a loop. The first instance
 * listens on a service and on a prefix of it, and has registered both.
 */
const hops = (mostHops: number) => [
  hop(CLIENT, mostHops, [rule(0, 0, 2, FORWARD, NEAR), rule(0, 0, 1, FORWARD, EVERYBODY)]),
  hop(NEAR, mostHops, [
    rule(2, WANTED, 2, FORWARD, FIRST),
    rule(2, WANTED, 1, FORWARD, SECOND),
    rule(1, 1, 3, FORWARD, FAR),
    rule(0, 0, 4, DROP),
  ]),
  hop(FAR, mostHops, [
    rule(2, WANTED, 1, FORWARD, SECOND),
    rule(2, WANTED, 1, FORWARD, FIRST),
    rule(0, 0, 2, FORWARD, NEAR),
    plain(1, 1, 1, FORWARD, FIRST),
  ]),
  hop(FIRST, mostHops, [plain(2, WANTED, 1, DEMUX), rule(0, 0, 1, DELAY), plain(1, 1, 1, DEMUX)]),
  hop(SECOND, mostHops, [plain(2, WANTED, 1, DEMUX), rule(1, 1, 1, FORWARD, FAR)]),
]

export type ResolutionBounds = Values<'capacity' | 'loss' | 'connects' | 'changes' | 'hops'>

export const shapeOf = (b: ResolutionBounds) => ({
  ...{ ordered: 0, loss: b.loss, mayChange: b.changes, mayConnect: b.connects },
  forwarder: hops(b.hops),
  net: Array.from({ length: b.capacity }, () => bits(PATH_BITS)),
  connects: bits(bitsFor(b.connects)),
})

/** Notes of a step for its effects and invariants; zero before each step. */
export const DID = [
  'hop',
  'packet',
  'service',
  'decided',
  'length',
  'plain',
  'priority',
  'unmatched',
  'sentTo',
  'reason',
  'refused',
  'delayed',
] as const

export type ResolutionWorld = View<ReturnType<typeof shapeOf>> & { did: Record<(typeof DID)[number], number> }
export type Hop = ResolutionWorld['forwarder'][number]
export type HopRule = Hop['rule'][number]

/** Lets a rule of a hop decide about a packet. */
export const decide = (w: ResolutionWorld, h: Hop, r: HopRule, p: Path): void => {
  w.did.decided = 1
  w.did.service = p.service
  w.did.length = r.length
  w.did.plain = r.plain
  w.did.priority = r.priority
  const broadcast = p.to === EVERYBODY ? 1 : 0
  if (r.target === TARGET.DEMUX) step('forwarder', h, 'DEMUX')
  if (r.target === TARGET.DROP) step('forwarder', h, 'DROP')
  if (r.target === TARGET.DELAY) step('forwarder', h, 'DELAY', { broadcast })
  if (r.target === TARGET.FORWARD)
    step('forwarder', h, 'FORWARD', {
      broadcast,
      visited: isVisited(p, h.address, r.to) ? 1 : 0,
      hops: hopsOf(p),
      to: r.to,
    })
}

/** No rule of a hop matches the packet. */
export const leave = (w: ResolutionWorld, h: Hop, p: Path): void => {
  w.did.unmatched = 1
  w.did.service = p.service
  step('forwarder', h, 'UNMATCHED', { broadcast: p.to === EVERYBODY ? 1 : 0 })
}

/** Notes the hop and the packet of this step. */
export const notes = (w: ResolutionWorld, h: Hop, packet: number): void => {
  w.did.hop = h.address
  w.did.packet = packet
}

export const effects = {
  deliver: (_w: ResolutionWorld, h: Hop): void => {
    h.got = 1
  },
  /** The client sends the packet unchanged. Every other hop adds its address to the sources. */
  forward: (w: ResolutionWorld, h: Hop, { to }: { to: number }): void => {
    w.did.sentTo = to
    const p = unpackPath(w.did.packet)
    if (p.to === 0) insert(w, packPath({ ...p, to }))
    else insert(w, packPath(forwarded(p, h.address, to)))
  },
  delay: (w: ResolutionWorld): void => {
    w.did.delayed = 1
  },
  drop: (w: ResolutionWorld, _h: Hop, { reason }: { reason: number }): void => {
    w.did.reason = reason
  },
  refuse: (w: ResolutionWorld): void => {
    w.did.refused = 1
  },
} satisfies EffectsOf<'forwarder', ResolutionWorld, Hop>
