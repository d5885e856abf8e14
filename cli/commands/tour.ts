import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { must } from '../../checker/text/at.ts'
import type { Define } from '../define.ts'
import { EXIT } from '../exit.ts'
import { interruptible } from '../interrupt.ts'
import { json, wholeOption } from '../options.ts'
import { ProgressLine } from '../progressLine.ts'
import { count, paint, plural, print, printJson, printTable, printWrapped } from '../screen.ts'
import { type TransferOptions, type Transferred, transfer } from '../tour/transfer.ts'
import { STYLES } from '../validate/report.ts'
import { check } from './check.ts'
import { type Judged, jsonOf, judgeFile, printJudged } from './validate.ts'

export interface TourOptions {
  readonly size?: number
  readonly transferOnly?: boolean
  readonly json?: boolean
}

const MIB = 2 ** 20
const DEFAULT_SIZE_MIB = 64
const SERVICE = 'serval/tour'
const FOLDER = 'out'

/** Of less, all is under way before the last move: a window has up to 4 MiB, and a fifth is left then. */
const LEAST_MIB = 32
/** A gigabyte on loopback takes half a minute. */
const MOST_MIB = 1024

export const define: Define = (command, done) => {
  command
    .description(
      'Checks all models at their default bounds. Then one process fetches a file from another by service name, over UDP on loopback, while both change their addresses.',
    )
    .option(
      '--size <MiB>',
      'size of the transfer in MiB (default: 64)',
      wholeOption('--size', LEAST_MIB, MOST_MIB),
    )
    .option('--transfer-only', 'skip the checks')
    .addOption(json())
    .action(async (options: TourOptions) => {
      done(await tour(options))
    })
}

/** `serval tour`: checks the models, then runs a transfer while both ends move, and judges its packets and steps. */
export async function tour(options: TourOptions): Promise<number> {
  if (!options.transferOnly) {
    print('First the machines are checked; then they run.\n')
    const status = await check([], {})
    if (status !== EXIT.HOLDS) return status
    print()
  }
  return interruptible(async signal => {
    mkdirSync(FOLDER, { recursive: true })
    const bytes = (options.size ?? DEFAULT_SIZE_MIB) * MIB
    const files = { packets: join(FOLDER, 'tour.pcapng'), steps: join(FOLDER, 'tour.steps.ndjson') }
    const line = new ProgressLine(() => performance.now())
    const transferred = await transferShown(line, { ...files, bytes, service: SERVICE, signal })
    const judged = Object.values(files).map(file => {
      line.show(`validate: ${file}`)
      return judgeFile(file)
    })
    const holds = judged.every(({ judgement }) => judgement.verdict === 'holds')
    line.say(`validate: ${holds ? 'holds' : 'DOES NOT HOLD'}`)
    if (options.json) printJson({ ...transferred, ...files, judged: judged.map(jsonOf) })
    else {
      printTransfer(transferred)
      print()
      printAll(judged)
    }
    return transferred.isWhole && transferred.hasMoved && holds ? EXIT.HOLDS : EXIT.VIOLATED
  })
}

async function transferShown(
  line: ProgressLine,
  options: Omit<TransferOptions, 'progress'>,
): Promise<Transferred> {
  const started = performance.now()
  const size = count(options.bytes / MIB)
  const transferred = await transfer({
    ...options,
    progress: got => {
      const rate = (got / MIB / (performance.now() - started)) * 1000
      line.show(`transfer: ${count(got / MIB)} of ${size} MiB, ${rate.toFixed(0)} MiB/s`)
    },
  })
  line.say(`transfer: ${transferred.isWhole ? 'whole' : 'NOT WHOLE'}, in ${transferred.seconds.toFixed(1)} s`)
  return transferred
}

function printTransfer(t: Transferred): void {
  printTable([
    ['WHO MOVED', 'FROM', 'TO', 'AFTER', 'FIRST BYTE'],
    ...t.moves.map(({ who, from, to, at, ms }) => [
      who,
      from,
      to,
      `${(at * 100).toFixed(0)} %`,
      `${ms.toFixed(1)} ms later`,
    ]),
  ])
  if (!t.hasMoved) printWrapped(paint(['bold', 'red'], 'Not all moves were made that should have been.'))
  print()
  printWrapped(
    `Two processes on this machine, one flow over UDP, found by the name ${SERVICE}: ${count(t.bytes / MIB)} MiB in ${t.seconds.toFixed(1)} s, ${(t.bytes / MIB / t.seconds).toFixed(1)} MiB/s. The longest time without a byte was ${t.longestGapMs.toFixed(0)} ms; ${count(t.repeated)} of ${count(t.segments)} segments were sent again.`,
  )
  const verdict = t.isWhole ? 'What came is what was sent' : 'What came is NOT what was sent'
  printWrapped(`${paint(t.isWhole ? 'green' : 'red', verdict)} (SHA-256 ${t.sha256.slice(0, 16)}...).`)
}

/** Prints the verdicts on the client's recordings, in full if one does not hold. */
function printAll(judged: readonly Judged[]): void {
  const verdicts = judged.map(({ judgement }) => judgement.verdict)
  printTable(
    [
      ['RECORDED', 'JUDGED BY THE SPECIFICATION', 'VERDICT'],
      ...judged.map((one, i) => [one.file, judgedText(one), must(verdicts[i])]),
    ],
    (column, row) => (column === 2 ? STYLES[must(verdicts[row - 1])] : undefined),
  )
  for (const one of judged.filter(({ judgement }) => judgement.verdict !== 'holds')) {
    print()
    printJudged(one)
  }
}

function judgedText(one: Judged): string {
  if (one.kind === 'steps') return `${plural(one.judgement.steps, 'step')} of the client, each repeated`
  const { explained, taken } = one.judgement.packets
  return `${plural(explained, 'packet')} that the client sent, given the ${count(taken)} that came`
}
