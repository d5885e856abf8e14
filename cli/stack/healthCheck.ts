/** Checks that a listener runs to learn whether the program behind it works: `http://...`, `tcp:PORT`, `exec:COMMAND`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get as getByHttp, type IncomingMessage } from 'node:http'
import { get as getByHttps } from 'node:https'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { Option } from 'commander'
import type { Agent } from '../../impl/controller/agent.ts'
import { endGroup } from '../../impl/controller/processGroup.ts'
import { CliError } from '../errors.ts'
import { durationOption } from '../options.ts'
import { say } from './say.ts'
import { tcpEndpointOf } from './tcpEndpoint.ts'

/** Checks the program once. Rejects with the reason if it does not work, and when the signal is aborted. */
export type Check = (signal: AbortSignal) => Promise<void>

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

/** Throws CLI_CHECK, CLI_ENDPOINT. */
export function checkOf(text: string): Check {
  const [, kind = '', rest = ''] = /^(https?:(?=\/\/)|tcp:|exec:)(.*\S.*)$/s.exec(text) ?? []
  if (kind === 'tcp:') return tcpCheck(rest)
  if (kind === 'exec:' && !rest.includes('\0')) return signal => runCommand(rest, signal)
  if (kind.startsWith('http') && URL.canParse(text)) return signal => request(new URL(text), signal)
  throw new CliError(
    'CLI_CHECK',
    `'${text}' is not a check; write http://127.0.0.1:8080/health, tcp:8080, or exec:COMMAND`,
  )
}

function tcpCheck(text: string): Check {
  const endpoint = tcpEndpointOf(text)
  if (endpoint.port === 0) throw new CliError('CLI_CHECK', 'nothing listens at port 0; name another port')
  return async signal => {
    const socket = connect({ ...endpoint, signal })
    try {
      await once(socket, 'connect')
    } finally {
      socket.destroy()
    }
  }
}

/** Statuses from 200 to 399 are well. It follows no redirection, and reads no body. Each check has its own connection. */
async function request(url: URL, signal: AbortSignal): Promise<void> {
  const get = url.protocol === 'https:' ? getByHttps : getByHttp
  const asked = get(url, { agent: false, signal })
  try {
    const { statusCode: status = 0 } = await new Promise<IncomingMessage>((resolve, reject) => {
      asked.once('response', resolve).once('error', reject)
      // After an upgrade, for example.
      asked.once('close', () => reject(new Error('no HTTP answer')))
    })
    if (status < 200 || status >= 400) throw new Error(`HTTP status ${status}`)
  } finally {
    asked.on('error', () => {}).destroy()
  }
}

/** A shell runs the command, whose text nobody but the caller of this program writes. All its processes end with it. */
async function runCommand(command: string, signal: AbortSignal): Promise<void> {
  const child = spawn(command, { shell: true, detached: true, stdio: 'ignore' })
  try {
    const [status] = await once(child, 'exit', { signal })
    if (status !== 0) throw new Error(`the command ended with ${status ?? 'a signal'}`)
  } finally {
    await endGroup(child)
  }
}

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
