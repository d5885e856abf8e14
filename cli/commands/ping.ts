import { setTimeout as wait } from 'node:timers/promises'
import { type Answered, ping as ask } from '../../impl/sockets/ping.ts'
import type { Define } from '../define.ts'
import { EXIT } from '../exit.ts'
import { codeOf, explain } from '../explain.ts'
import { json, wholeOption } from '../options.ts'
import { ms, print, printJson, printTable } from '../screen.ts'
import { addRouteOptions, type RouteOptions, type StackRoute, withRoute } from './connect.ts'

export interface PingOptions extends RouteOptions {
  readonly count?: number
  readonly interval?: number
  readonly timeout?: number
  readonly json?: boolean
}

const COUNT = 5
const INTERVAL_MS = 1000
const TIMEOUT_MS = 2000
const MOST_MS = 3_600_000

export const define: Define = (command, done) => {
  command
    .description(
      'Sends a service the first packet of a connection repeatedly, and reports how long each answer took. It opens no connection, so the server program does not notice.',
    )
    .argument('<service>', 'a name such as acme/echo, or 64 hexadecimal digits')
    .option('-c, --count <n>', 'number of packets (default: 5)', wholeOption('--count', 1))
    .option(
      '-i, --interval <ms>',
      'time between packets, in ms (default: 1000)',
      wholeOption('--interval', 0, MOST_MS),
    )
    .option(
      '--timeout <ms>',
      'time to wait for each answer, in ms (default: 2000)',
      wholeOption('--timeout', 1, MOST_MS),
    )
    .addOption(json())
  addRouteOptions(command).action(async (service: string, options: PingOptions) =>
    done(await ping(service, options)),
  )
}

/** The sender of an answer and its delay in ms, or the reason why none arrived. */
type PingResult = Answered | { readonly error: string }

/** `serval ping`. Rejects as `withRoute` does. */
export function ping(service: string, options: PingOptions): Promise<number> {
  const { count = COUNT, interval = INTERVAL_MS, timeout = TIMEOUT_MS } = options
  return withRoute(service, options, async (route, signal) => {
    const answers: PingResult[] = []
    for (let i = 0; i < count && !signal.aborted; i++) {
      if (i > 0) await wait(interval, undefined, { signal }).catch(() => {})
      if (signal.aborted) break
      const answer = await askOnce(service, route, timeout)
      answers.push(answer)
      if (!options.json) print('ms' in answer ? `${answer.from}: ${ms(answer.ms)}` : answer.error)
    }
    const times = answers.flatMap(answer => ('ms' in answer ? [answer.ms] : [])).sort((a, b) => a - b)
    if (options.json)
      printJson({ service, via: route.via?.join(',') ?? null, ...summaryOf(answers.length, times), answers })
    else printSummary(service, answers.length, times)
    if (signal.aborted) return EXIT.INTERRUPTED
    return times.length > 0 ? EXIT.HOLDS : EXIT.VIOLATED
  })
}

async function askOnce(
  service: string,
  { stack, ...route }: StackRoute,
  timeoutMs: number,
): Promise<PingResult> {
  try {
    return await ask(stack, { service, ...route }, timeoutMs)
  } catch (error) {
    if (codeOf(error) === '') throw error
    return { error: explain(error) }
  }
}

/** Returns statistics of `times`, which are sorted, in ms. */
function summaryOf(sent: number, times: readonly number[]) {
  const at = (share: number): number | null => times[Math.floor((times.length - 1) * share)] ?? null
  return { sent, answered: times.length, minMs: at(0), medianMs: at(0.5), maxMs: at(1) }
}

function printSummary(service: string, sent: number, times: readonly number[]): void {
  const { answered, minMs, medianMs, maxMs } = summaryOf(sent, times)
  const shown = [minMs, medianMs, maxMs].map(value => (value === null ? '' : ms(value)))
  print()
  printTable([
    ['SERVICE', 'SENT', 'ANSWERED', 'MIN', 'MEDIAN', 'MAX'],
    [service, String(sent), String(answered), ...shown],
  ])
}
