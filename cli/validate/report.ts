/** The output of `serval validate` for a capture: rows for people, values for programs. */
import { must } from '../../checker/text/at.ts'
import { printAddress } from '../../impl/link/address.ts'
import type { Contradiction } from '../../properties/conformance/end.ts'
import type { PacketCounts } from '../../properties/conformance/judgement.ts'
import { DATA, KINDS, type Packet } from '../../spec/machines/flow/packets.ts'
import { count, paint, plural, print, printTable, printWrapped, type Style } from '../screen.ts'
import type { JudgedCapture } from './capture.ts'

export type Verdict = 'holds' | 'violated' | 'incomplete'

export const STYLES: Readonly<Record<Verdict, Style>> = {
  holds: 'green',
  violated: ['bold', 'red'],
  incomplete: ['bold', 'yellow'],
}

const ROWS: readonly (readonly [keyof PacketCounts, string])[] = [
  ['explained', 'sent, and what the specification makes a host send'],
  ['taken', 'came, to begin flows or for those that begin here'],
  ['strange', 'came, for flows that do not begin here, or for nobody'],
  ['begunBefore', 'sent, not judged: by flows that do not begin here'],
  ['uncertain', 'sent, not judged: by flows that may stand in too many ways'],
  ['unconnected', 'not judged: without a connection'],
  ['forwarded', 'not judged: sent on for others'],
  ['unreadable', 'not judged: no packets of SAL, or damaged'],
]

export function printCapture(judged: JudgedCapture): void {
  const { judgement, skipped, foreign, lastsMs, at } = judged
  const { contradiction, silence, flows, packets, restarts, verdict } = judgement
  const worst = contradiction ?? silence
  if (worst && at) printContradiction(worst, at)
  const others = [
    ['not judged: neither UDP nor SAL', skipped],
    ['not judged: of other hosts', foreign],
  ] as const
  const rows = [...ROWS.map(([name, text]) => [text, packets[name]] as const), ...others]
  printTable([['PACKETS', ''], ...rows.flatMap(([text, n]) => (n > 0 ? [[count(n), text]] : []))])
  print()
  const told = `${judged.file}: ${plural(flows, 'flow')} seen from the beginning, in ${(lastsMs / 1000).toFixed(1)} s.`
  printWrapped(`${told} ${paint(STYLES[verdict], verdict)}: ${silence ? SILENT : SENTENCES[verdict]}`)
  if (restarts > 0)
    printWrapped(`For that it must have been restarted, ${plural(restarts, 'time')} at least.`)
}

const SENTENCES: Readonly<Record<Verdict, string>> = {
  holds: 'the specification explains everything that the host sent.',
  violated: 'the specification cannot explain this; nothing after it was looked at.',
  incomplete: 'nothing contradicts the specification, but not everything that the host sent could be judged.',
}

const SILENT =
  'the host says nothing from there on. It may have been stopped; if it ran to the end, say so with --running.'

/** Packets that could have stood there; more tell nobody anything. */
const MOST_SHOWN = 12

function printContradiction(
  { kind, packet, expected }: Contradiction,
  at: NonNullable<JudgedCapture['at']>,
): void {
  const isWithheld = kind === 'withheld'
  const what = isWithheld
    ? 'came, and a host would have answered it'
    : 'was sent, and nothing makes a host send it'
  printWrapped(`Packet ${count(at.number)}, ${(at.timeMs / 1000).toFixed(6)} s after the first, ${what}:`)
  print()
  const shown = expected.slice(0, MOST_SHOWN)
  const [there, instead] = isWithheld ? ['came', 'missing'] : ['sent', 'possible']
  printTable(
    [
      ['', 'PACKET', 'FROM', 'TO', 'FLOWS', 'VERSION', 'ACKNOWLEDGES', 'NONCE'],
      [must(there), ...cellsOf(packet)],
      ...shown.map(other => [must(instead), ...cellsOf(other)]),
    ],
    (_, row) => (row === 1 ? 'red' : undefined),
  )
  if (shown.length < expected.length) print(`and ${expected.length - shown.length} more`)
  if (expected.length === 0) printWrapped('Nothing at all could have been sent there by this flow.')
  print()
}

const hex = (flow: number): string => flow.toString(16)

function cellsOf(p: Packet): string[] {
  const places = [printAddress(p.from), printAddress(p.to), `${hex(p.srcFlow)}>${hex(p.dstFlow)}`]
  const numbers = p.kind === DATA ? ['', '', ''] : [p.verno, p.ackno, p.nonce].map(String)
  return [nameOf(p), ...places, ...numbers]
}

const nameOf = ({ kind, fin }: Packet): string => `${KINDS[kind]}${fin === 1 ? '+FIN' : ''}`

/** `serval validate FILE --json`, of a capture. Addresses are texts, flowIDs numbers, nonces numbered as they come. */
export function jsonOfCapture({ judgement, at, ...told }: JudgedCapture): Record<string, unknown> {
  const { contradiction, silence, ...rest } = judgement
  const worst = contradiction ?? silence
  if (!worst) return { ...told, ...rest }
  const { kind, packet, expected } = worst
  const plain = { kind, ...at, packet: plainOf(packet), expected: expected.map(plainOf) }
  return { ...told, ...rest, [contradiction ? 'contradiction' : 'silence']: plain }
}

const plainOf = (p: Packet): Record<string, unknown> => ({
  kind: nameOf(p),
  ...{ from: printAddress(p.from), to: printAddress(p.to), srcFlow: p.srcFlow, dstFlow: p.dstFlow },
  ...(p.kind === DATA ? {} : { verno: p.verno, ackno: p.ackno, nonce: p.nonce }),
})
