import { EXIT } from '../exit.ts'
import { readBytes } from '../files.ts'
import { printJson } from '../screen.ts'
import { judgeCapture } from '../validate/capture.ts'
import { jsonOfCapture, printCapture } from '../validate/report.ts'

export interface ValidateOptions {
  readonly host?: readonly string[]
  readonly json?: boolean
}

/** `serval validate`: judges recorded traffic by the specification. */
export function validate(path: string, { host = [], json }: ValidateOptions): number {
  const judged = judgeCapture(path, readBytes(path), host)
  if (json) printJson(jsonOfCapture(judged))
  else printCapture(judged)
  return judged.judgement.verdict === 'holds' ? EXIT.HOLDS : EXIT.VIOLATED
}
