/**
 * A packet of a model, packed into one number, so that a network is a list of numbers. Fields are as wide as the
 * model needs: where each one stands is a constant of the world (`w.at`, `w.mask`).
 *
 * Two fields serve the invariants alone; no machine reads them. `proof`: the sender uses `from`, or moves there and has
 * been reached there. And DATA, which has no nonce on the wire, carries its sender's as a mark of where it came from.
 *
 * `joins` is 0, or tells for whom the sender has made its proof: 1 more than the receiver's nonce, as far as it knew it.
 */
import { challenges } from '../../machines/flow/capabilities.ts'
import type { Packet } from '../../machines/flow/packets.ts'
import { bitsFor } from '../bounds.ts'

export type ModelPacket = Omit<Packet, 'service'> & { readonly proof: number }

const FIELDS = [
  'kind',
  'verno',
  'ackno',
  'nonce',
  'fin',
  'srcFlow',
  'dstFlow',
  'from',
  'to',
  'proof',
  'capabilities',
  'tells',
  'challenge',
  'echo',
  'joins',
] as const
type Field = (typeof FIELDS)[number]
type PerField = Record<Field, number>

/** Largest values that a model uses: flowIDs, nonces, addresses, sets of capabilities, and the size of its version circle. */
export interface Widths {
  readonly flows: number
  readonly nonces: number
  readonly addresses: number
  readonly space: number
  /** Absent where no end offers any. */
  readonly capabilities?: number
  /** The largest reset token; absent where no end tells any. Nonces are at least as wide. */
  readonly tokens?: number
  /** 1: flows join connections. */
  readonly joins?: number
}

/** Where each field stands in a packed packet, and its mask. */
export interface Layout {
  readonly at: PerField
  readonly mask: PerField
  /** Bits of the whole packet. */
  readonly bits: number
}

export function layoutOf(widths: Widths): Layout {
  const verno = bitsFor(widths.space - 1)
  const flow = bitsFor(widths.flows)
  const address = bitsFor(widths.addresses)
  const size: PerField = {
    ...{ kind: 4, verno, ackno: verno, nonce: bitsFor(widths.nonces), fin: 1 },
    ...{ srcFlow: flow, dstFlow: flow, from: address, to: address, proof: 1 },
    capabilities: widths.capabilities === undefined ? 0 : bitsFor(widths.capabilities),
    tells: widths.tokens === undefined ? 0 : 1,
    challenge: challenges(widths.capabilities ?? 0),
    echo: challenges(widths.capabilities ?? 0),
    joins: widths.joins === 1 ? bitsFor(widths.nonces + 1) : 0,
  }
  const at = {} as PerField
  const mask = {} as PerField
  let bits = 0
  for (const field of FIELDS) {
    at[field] = bits
    mask[field] = 2 ** size[field] - 1
    bits += size[field]
  }
  return { at, mask, bits }
}

interface Packed {
  readonly at: PerField
  readonly mask: PerField
}

export const pack = (w: Packed, p: ModelPacket): number =>
  (p.kind << w.at.kind) |
  (p.verno << w.at.verno) |
  (p.ackno << w.at.ackno) |
  (p.nonce << w.at.nonce) |
  (p.fin << w.at.fin) |
  (p.srcFlow << w.at.srcFlow) |
  (p.dstFlow << w.at.dstFlow) |
  (p.from << w.at.from) |
  (p.to << w.at.to) |
  (p.proof << w.at.proof) |
  (p.capabilities << w.at.capabilities) |
  (p.tells << w.at.tells) |
  (p.challenge << w.at.challenge) |
  (p.echo << w.at.echo) |
  (p.joins << w.at.joins)

export const unpack = (w: Packed, p: number): ModelPacket => ({
  kind: (p >> w.at.kind) & w.mask.kind,
  verno: (p >> w.at.verno) & w.mask.verno,
  ackno: (p >> w.at.ackno) & w.mask.ackno,
  nonce: (p >> w.at.nonce) & w.mask.nonce,
  fin: (p >> w.at.fin) & w.mask.fin,
  srcFlow: (p >> w.at.srcFlow) & w.mask.srcFlow,
  dstFlow: (p >> w.at.dstFlow) & w.mask.dstFlow,
  from: (p >> w.at.from) & w.mask.from,
  to: (p >> w.at.to) & w.mask.to,
  proof: (p >> w.at.proof) & w.mask.proof,
  capabilities: (p >> w.at.capabilities) & w.mask.capabilities,
  tells: (p >> w.at.tells) & w.mask.tells,
  challenge: (p >> w.at.challenge) & w.mask.challenge,
  echo: (p >> w.at.echo) & w.mask.echo,
  joins: (p >> w.at.joins) & w.mask.joins,
})

/** Returns the fields that are not 0: traces name the others only where they say something. */
export const named = (fields: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0))
