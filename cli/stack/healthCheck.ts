/** Repeats a listener's check, and reports to the directory whether its instance fails. */
import { setTimeout as wait } from 'node:timers/promises'
import { Option } from 'commander'
import type { Agent } from '../../impl/controller/agent.ts'
import { durationOption } from '../options.ts'
import { type Check, checkOf } from './checks.ts'
import { say } from './say.ts'

export interface Checked {
  readonly check?: Check
  /** The time from one check to the next, ms. */
  readonly checkEvery?: number
}

/** Failures in a row after which an instance is failing, and successes in a row after which it works again. */
export const FAILURES = 3
export const SUCCESSES = 2
const EVERY_MS = 5000
const LEAST_EVERY_MS = 100
const MOST_EVERY_MS = 600_000
/** How long a check may take, ms; a check that is repeated sooner may take as long as its period. */
const LIMIT_MS = 5000

export const checkOption = (): Option =>
  new Option(
    '--check <check>',
    'new connections only while this succeeds: http://..., tcp:PORT or exec:COMMAND',
  ).argParser(checkOf)

/** Reads the time from one check to the next, ms. Throws CLI_NUMBER. */
export const checkPeriodOf = durationOption('--check-every', LEAST_EVERY_MS, MOST_EVERY_MS)

export const checkEveryOption = (): Option =>
  new Option('--check-every <time>', 'the time from one check to the next (default: 5s)').argParser(
    checkPeriodOf,
  )

/** Counts results in a row. Until the first success an instance is failing. */
export class Condition {
  isFailing = true
  #isNew = true
  #inRow = 0

  /** Notes a result. Returns whether the condition has changed. */
  note(isWell: boolean): boolean {
    this.#inRow = isWell === this.isFailing ? this.#inRow + 1 : 0
    const needed = this.isFailing ? (this.#isNew ? 1 : SUCCESSES) : FAILURES
    if (this.#inRow < needed) return false
    this.isFailing = !isWell
    this.#isNew = false
    this.#inRow = 0
    return true
  }
}

/**
 * Checks until the signal is aborted, and reports the first result and changes to the agent and on standard error. Without a
 * check it returns at once.
 */
export function keepChecking(
  service: string,
  agent: Agent,
  { check, checkEvery = EVERY_MS }: Checked,
  signal: AbortSignal,
): void {
  if (check === undefined) return
  const condition = new Condition()
  agent.markFailing(service, true)
  const repeat = async (): Promise<void> => {
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const next = wait(checkEvery, undefined, { signal, ref: false }).catch(() => {})
      const fault = await faultOf(check, Math.min(checkEvery, LIMIT_MS), signal)
      if (signal.aborted) return
      if (condition.note(fault === undefined) || isFirst) {
        agent.markFailing(service, condition.isFailing)
        if (fault === undefined) say(`${service}: the check succeeds`)
        else
          say(
            `${service}: the check fails (${fault}); new connections go to other instances, if enough work`,
            'warning',
          )
      }
      await next
    }
  }
  void repeat()
}

/** Returns why a check fails, or undefined if it succeeds in time. */
export async function faultOf(
  check: Check,
  limitMs: number,
  ended: AbortSignal,
): Promise<string | undefined> {
  const limit = AbortSignal.timeout(limitMs)
  try {
    await check(AbortSignal.any([limit, ended]))
    return undefined
  } catch (error) {
    if (limit.aborted) return `no answer within ${limitMs} ms`
    // A host name with several addresses: the text is in the errors of its addresses.
    const faults = error instanceof AggregateError ? (error.errors as Error[]) : [error as Error]
    return faults.map(({ message }) => message).join('; ')
  }
}
