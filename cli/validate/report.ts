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
  ['explained', 'sent, and explained by the specification'],
  ['taken', 'received, for flows that begin in this capture'],
  ['strange', 'received, for unknown flows or flows that began earlier'],
  ['begunBefore', 'sent, not judged: the flow began before the capture'],
  ['uncertain', 'sent, not judged: the flow has too many possible states'],
  ['unconnected', 'not judged: without a connection'],
  ['forwarded', 'not judged: forwarded for other hosts'],
  ['unreadable', 'not judged: damaged, or not SAL'],
]

export function printCapture(judged: JudgedCapture): void {
  const { judgement, skipped, betweenOthers, lastsMs, at } = judged
  const { contradiction, silence, flows, packets, restarts, verdict } = judgement
  const worst = contradiction ?? silence
  if (worst && at) printContradiction(worst, at)
  const others = [
    ['not judged: neither UDP nor SAL', skipped],
    ['not judged: of other hosts', betweenOthers],
  ] as const
  const rows = [...ROWS.map(([name, text]) => [text, packets[name]] as const), ...others]
  printTable([['PACKETS', ''], ...rows.flatMap(([text, n]) => (n > 0 ? [[count(n), text]] : []))])
  print()
  const told = `${judged.file}: ${plural(flows, 'flow')} seen from the beginning, in ${(lastsMs / 1000).toFixed(1)} s.`
  printWrapped(`${told} ${paint(STYLES[verdict], verdict)}: ${silence ? SILENT : SENTENCES[verdict]}`)
  if (restarts > 0)
    printWrapped(`This is true only if the host restarted at least ${plural(restarts, 'time')}.`)
}

const SENTENCES: Readonly<Record<Verdict, string>> = {
  holds: 'the specification explains everything that the host sent.',
  violated: 'the specification cannot explain this. Later packets were not judged.',
  incomplete: 'nothing contradicts the specification, but not everything that the host sent could be judged.',
}

const SILENT =
  'the host sends nothing after this. It may have stopped; if it ran until the end, add --running.'

/** The limit of packets that the report lists as possible. A longer list helps nobody. */
const MOST_SHOWN = 12

function printContradiction(
  { kind, packet, expected }: Contradiction,
  at: NonNullable<JudgedCapture['at']>,
): void {
  const isWithheld = kind === 'withheld'
  const what = isWithheld
    ? 'arrived, and a host must answer it'
    : 'was sent, but the specification does not allow it'
  printWrapped(`Packet ${count(at.number)}, ${(at.timeMs / 1000).toFixed(6)} s after the first, ${what}:`)
  print()
  const shown = expected.slice(0, MOST_SHOWN)
  const [there, instead] = isWithheld ? ['arrived', 'missing'] : ['sent', 'possible']
  printTable(
    [
      ['', 'PACKET', 'FROM', 'TO', 'FLOWS', 'VERSION', 'ACKNOWLEDGES', 'NONCE'],
      [must(there), ...cellsOf(packet)],
      ...shown.map(other => [must(instead), ...cellsOf(other)]),
    ],
    (_, row) => (row === 1 ? 'red' : undefined),
  )
  if (shown.length < expected.length) print(`and ${expected.length - shown.length} more`)
  if (expected.length === 0) printWrapped('This flow could not send any packet there.')
  print()
}

const hex = (flow: number): string => flow.toString(16)

function cellsOf(p: Packet): string[] {
  const places = [printAddress(p.from), printAddress(p.to), `${hex(p.srcFlow)}>${hex(p.dstFlow)}`]
  const numbers = p.kind === DATA ? ['', '', ''] : [p.verno, p.ackno, p.nonce].map(String)
  return [nameOf(p), ...places, ...numbers]
}

const nameOf = ({ kind, fin }: Packet): string => `${KINDS[kind]}${fin === 1 ? '+FIN' : ''}`

/** The value of `serval validate FILE --json` for a capture. Addresses are texts; nonces are numbered in the order of their first use. */
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
