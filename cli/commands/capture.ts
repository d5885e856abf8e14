import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { at } from '../../checker/text/at.ts'
import { AdminError } from '../../impl/admin/errors.ts'
import type { Captured } from '../../impl/admin/methods.ts'
import type { Running } from '../../impl/admin/running.ts'
import type { Define } from '../define.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { assertWritable } from '../files.ts'
import { interruptible } from '../interrupt.ts'
import { json, pidOption, wholeOption } from '../options.ts'
import { ProgressLine } from '../progressLine.ts'
import { count, printJson, printTable, size } from '../screen.ts'
import { withRunning } from '../stack/running.ts'
import { say } from '../stack/say.ts'

export interface CaptureOptions {
  readonly output: string
  readonly seconds?: number
  readonly pid?: number
  readonly json?: boolean
}

const LOOK_MS = 250
const MOST_SECONDS = 86_400

export const define: Define = (command, done) => {
  command
    .description(
      'Writes all packets of a running stack to a pcapng file for Wireshark, until Ctrl-C. It replaces an existing file.',
    )
    .requiredOption('-o, --output <file>', 'the file to write')
    .option('--seconds <n>', 'stop after this many seconds', wholeOption('--seconds', 1, MOST_SECONDS))
    .addOption(pidOption())
    .addOption(json())
    .action(async (options: CaptureOptions) => done(await capture(options)))
}

/** `serval capture`. It runs until Ctrl-C. Rejects with CLI_NOBODY, CLI_PID, CLI_WRITE, ADMIN_CAPTURE. */
export function capture(options: CaptureOptions): Promise<number> {
  const path = resolve(options.output)
  assertWritable(path)
  return withRunning(options.pid, running =>
    interruptible(async stopped => {
      const one = onlyOne(running)
      const limit = options.seconds === undefined ? [] : [AbortSignal.timeout(options.seconds * 1000)]
      const captured = await record(one, path, AbortSignal.any([stopped, ...limit]))
      if (options.json) printJson({ pid: one.pid, path, ...captured })
      else printCaptured(one, options.output, captured)
      return EXIT.HOLDS
    }),
  )
}

/** Throws CLI_PID. */
function onlyOne(running: readonly Running[]): Running {
  if (running.length === 1) return at(running, 0)
  const pids = running.map(({ pid }) => pid).join(', ')
  throw new CliError('CLI_PID', `the processes ${pids} have stacks; choose one with --pid`)
}

/** Captures until Ctrl-C, or until the process ends. */
async function record({ pid, client }: Running, path: string, signal: AbortSignal): Promise<Captured> {
  await client.ask('captureStart', { path })
  const line = new ProgressLine(() => performance.now())
  line.say(`writing the packets of process ${pid} to ${path}; Ctrl-C stops it`)
  let captured: Captured = { packets: 0, bytes: 0, lost: 0 }
  try {
    while (!signal.aborted) {
      captured = await client.ask('captureState', {})
      line.show(`${count(captured.packets)} packets, ${size(captured.bytes)}`)
      await wait(LOOK_MS, undefined, { signal }).catch(() => {})
    }
    return await client.ask('captureStop', {})
  } catch (error) {
    if (!(error instanceof AdminError) || error.code !== 'ADMIN_GONE') throw error
    say(`process ${pid} has exited; the file has at least these packets`)
    return captured
  }
}

function printCaptured({ pid }: Running, file: string, { packets, bytes, lost }: Captured): void {
  printTable([
    ['PID', 'PACKETS', 'SIZE', 'LEFT OUT', 'FILE'],
    [String(pid), count(packets), size(bytes), count(lost), file],
  ])
}
