import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT } from '../exit.ts'
import { interruptible } from '../interrupt.ts'
import { ProgressLine } from '../progressLine.ts'
import { count, paint, print, printJson, printTable, printWrapped } from '../screen.ts'
import { type Transferred, transfer } from '../tour/transfer.ts'
import { check } from './check.ts'

export interface TourOptions {
  readonly size?: number
  readonly transferOnly?: boolean
  readonly json?: boolean
}

const MIB = 2 ** 20
const DEFAULT_SIZE_MIB = 64
const SERVICE = 'serval/tour'
const FOLDER = 'out'

/** `serval tour`, the main job: the machines are checked, then run, while both ends move. */
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
    const started = performance.now()
    const transferred = await transfer({
      ...files,
      bytes,
      service: SERVICE,
      signal,
      progress: got => {
        const seconds = (performance.now() - started) / 1000
        line.show(
          `transfer: ${count(got / MIB)} of ${count(bytes / MIB)} MiB, ${(got / MIB / seconds).toFixed(0)} MiB/s`,
        )
      },
    })
    line.say(
      `transfer: ${transferred.isWhole ? 'whole' : 'NOT WHOLE'}, in ${transferred.seconds.toFixed(1)} s`,
    )
    if (options.json) printJson({ ...transferred, ...files })
    else printTransfer(transferred, files.packets)
    return transferred.isWhole ? EXIT.HOLDS : EXIT.VIOLATED
  })
}

function printTransfer(t: Transferred, packets: string): void {
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
  print()
  printWrapped(
    `Two processes on this machine, one flow over UDP, found by the name ${SERVICE}: ${count(t.bytes / MIB)} MiB in ${t.seconds.toFixed(1)} s, ${(t.bytes / MIB / t.seconds).toFixed(1)} MiB/s. The longest time without a byte was ${t.longestGapMs.toFixed(0)} ms; ${count(t.repeated)} of ${count(t.segments)} segments were sent again.`,
  )
  const verdict = t.isWhole ? 'What came is what was sent' : 'What came is NOT what was sent'
  printWrapped(
    `${paint(t.isWhole ? 'green' : 'red', verdict)} (SHA-256 ${t.sha256.slice(0, 16)}...). Packets: ${packets}`,
  )
}
