/** The time after which commands give up a silent peer. */
import { Option } from 'commander'
import { DEAD_AFTER_MS } from '../../impl/sockets/vigil.ts'
import { wholeOption } from '../options.ts'

const MOST_MS = 2 ** 31 - 1

export interface Patience {
  readonly deadAfter?: number
}

export const deadAfterOption = (): Option =>
  new Option(
    '--dead-after <ms>',
    `end after so many ms without an answer (default: ${DEAD_AFTER_MS})`,
  ).argParser(wholeOption('--dead-after', 1, MOST_MS))

/** As an option of sockets. */
export const patienceOf = ({ deadAfter }: Patience): { readonly deadAfterMs?: number } =>
  deadAfter === undefined ? {} : { deadAfterMs: deadAfter }
