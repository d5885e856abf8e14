/** A capture of one host's packets, judged by the specification. */
import { at } from '../../checker/text/at.ts'
import { hostOf, parseAddress } from '../../impl/link/address.ts'
import { type Capture, type Captured, readCapture } from '../../impl/link/readCapture.ts'
import { Judge } from '../../properties/conformance/judge.ts'
import type { Judgement } from '../../properties/conformance/judgement.ts'
import { CliError } from '../errors.ts'
import { observe } from './observe.ts'
import { Proofs } from './proofs.ts'

/** Options about the judged host. */
export interface HostOptions {
  /** The host's addresses. Without any, the capture must record the direction of each packet. */
  readonly host?: readonly string[]
  /** Whether the host is known to have run to the end of the capture. */
  readonly running?: boolean
}

export interface JudgedCapture {
  readonly kind: 'capture'
  readonly file: string
  readonly judgement: Judgement
  /** Packets of the file that carry no datagram that could be SAL's. */
  readonly skipped: number
  /** Datagrams between other hosts. */
  readonly betweenOthers: number
  /** From the first datagram on, ms. */
  readonly lastsMs: number
  /** Where the contradiction, or silence, begins: the packet's number in the file, and its time since the first datagram. */
  readonly at?: { readonly number: number; readonly timeMs: number }
}

/**
 * Throws CAPTURE_*, LINK_ADDRESS, CLI_DIRECTION, CLI_CUT, CLI_NOTHING.
 */
export function judgeCapture(
  file: string,
  bytes: Uint8Array,
  { host: hosts = [], running: isRunning = false }: HostOptions = {},
): JudgedCapture {
  const capture = readCapture(bytes)
  const { datagrams, skipped, isCut } = capture
  const [judge, judged] = [new Judge({ isRunning }), [] as Captured[]]
  const directionsOf = directions(capture, file, hosts)
  const proofs = new Proofs()
  let betweenOthers = 0
  const own = new Set(datagrams.filter(d => directionsOf(d).includes('out')).map(({ from }) => from))
  for (const datagram of datagrams) {
    const all = directionsOf(datagram)
    if (all.length === 0) betweenOthers++
    for (const direction of all) {
      judge.see(observe(datagram, direction, own, proofs))
      judged.push(datagram)
    }
  }
  const judgement = judge.judgement()
  const startMs = datagrams[0]?.timeMs ?? 0
  const worst = judgement.contradiction ?? judgement.silence
  const found = worst && at(judged, worst.packet.number - 1)
  if (!judgement.contradiction) assertWhole(file, judgement, judged.length, isCut)
  return {
    ...{ kind: 'capture', file, judgement, skipped, betweenOthers },
    lastsMs: (datagrams.at(-1)?.timeMs ?? 0) - startMs,
    ...(found ? { at: { number: found.number, timeMs: found.timeMs - startMs } } : {}),
  }
}

type Directions = (datagram: Captured) => readonly ('in' | 'out')[]

function directions({ datagrams }: Capture, file: string, hosts: readonly string[]): Directions {
  if (hosts.length > 0) {
    const own = new Set(hosts.map(text => hostOf(parseAddress(text))))
    // A capture of several hosts has a packet where it was sent, and again where it arrived. Only the host's own copy
    // says that it arrived.
    const isOwnView = datagrams.some(({ from, direction }) => direction === 'out' && own.has(hostOf(from)))
    return ({ from, to, direction }) => [
      ...(own.has(hostOf(from)) && !(isOwnView && direction === 'in') ? ['out' as const] : []),
      ...(own.has(hostOf(to)) && !(isOwnView && direction === 'out') ? ['in' as const] : []),
    ]
  }
  const unknown = datagrams.find(({ direction }) => direction === 'unknown')
  if (unknown !== undefined)
    throw new CliError(
      'CLI_DIRECTION',
      `${file} does not say which packets its host sent; name the host's addresses, such as --host ${hostOf(unknown.from)}`,
    )
  return ({ direction }) => [direction as 'in' | 'out']
}

/** Throws if a verdict `holds` would mean nothing, because the capture is empty or cut off. */
function assertWhole(file: string, { packets }: Judgement, count: number, isCut: boolean): void {
  if (isCut)
    throw new CliError(
      'CLI_CUT',
      `${file} ends within a packet; nothing in the ${count} packets before contradicts the specification, but record it again to know all`,
    )
  if (packets.unreadable + packets.unconnected === count)
    throw new CliError(
      'CLI_NOTHING',
      `${file} has no packets of SAL flows; record a host while it has a flow`,
    )
}
