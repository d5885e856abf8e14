import { mayBeSteps } from '../../traces/steps/decode.ts'
import type { Define } from '../define.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit.ts'
import { readBytes } from '../files.ts'
import { collect, json } from '../options.ts'
import { printJson } from '../screen.ts'
import { type HostOptions, type JudgedCapture, judgeCapture } from '../validate/capture.ts'
import { jsonOfCapture, printCapture } from '../validate/report.ts'
import { type JudgedLog, judgeLog } from '../validate/steps.ts'
import { jsonOfLog, printLog } from '../validate/stepsReport.ts'

export interface ValidateOptions extends HostOptions {
  readonly json?: boolean
}

export const define: Define = (command, done) => {
  command
    .description(
      'Judges a recording of a host by the specification: a capture of its packets (pcapng or pcap), or a log of its steps. It reports the first packet or step that the specification cannot explain.',
    )
    .argument('<file>', 'a capture, or a log of steps')
    .option(
      '--host <address>',
      'an address of the host to judge, if the capture does not name it; repeat for more',
      collect,
    )
    .option('--running', 'the host ran until the end of the capture, so a missing answer is a fault')
    .addOption(json())
    .action(async (path: string, options: ValidateOptions) => {
      done(validate(path, options))
    })
}

/** `serval validate`: judges a recording of a host by the specification. */
export function validate(path: string, { json, ...options }: ValidateOptions): number {
  const judged = judgeFile(path, options)
  if (json) printJson(jsonOf(judged))
  else printJudged(judged)
  return judged.judgement.verdict === 'holds' ? EXIT.HOLDS : EXIT.VIOLATED
}

export type Judged = JudgedCapture | JudgedLog

/** Throws CLI_READ, CLI_USAGE, and the errors of {@link judgeCapture} and {@link judgeLog}. */
export function judgeFile(path: string, options: HostOptions = {}): Judged {
  const bytes = readBytes(path)
  if (!mayBeSteps(bytes)) return judgeCapture(path, bytes, options)
  const [given] = Object.keys(options)
  if (given !== undefined) throw new CliError('CLI_USAGE', `${path} is not a capture; omit --${given}`)
  return judgeLog(path, bytes)
}

export const printJudged = (judged: Judged): void =>
  judged.kind === 'capture' ? printCapture(judged) : printLog(judged)

export const jsonOf = (judged: Judged): Record<string, unknown> =>
  judged.kind === 'capture' ? jsonOfCapture(judged) : jsonOfLog(judged)
