/** Queries the running stacks of this user. */
import type { AdminClient } from '../../impl/admin/client.ts'
import { AdminError } from '../../impl/admin/errors.ts'
import type { FlowFact, RuleFact, ServiceFact } from '../../impl/admin/methods.ts'
import { openRunning, type Running } from '../../impl/admin/running.ts'
import { CliError } from '../errors.ts'
import { say } from './say.ts'

/**
 * Runs `work` with the running stacks, or only that of process `pid`. Rejects with CLI_NOBODY, ADMIN_FOLDER.
 */
export async function withRunning<T>(
  pid: number | undefined,
  work: (running: readonly Running[]) => Promise<T>,
): Promise<T> {
  const running = await openRunning()
  try {
    const chosen = running.filter(one => pid === undefined || one.pid === pid)
    if (chosen.length > 0) return await work(chosen)
    const others = running.map(one => one.pid).join(', ')
    throw new CliError(
      'CLI_NOBODY',
      others === ''
        ? 'no stack of yours is running; start one, such as serval listen acme/echo --echo'
        : `process ${pid} has no running stack; these processes have one: ${others}`,
    )
  } finally {
    for (const { client } of running) client.close()
  }
}

/** Returns the process to change, or the controller, of which there must be one. Rejects with CLI_NOBODY, CLI_PID. */
export async function theOne(
  running: readonly Running[],
  isController: boolean,
  hint = '',
): Promise<Running> {
  const found: Running[] = []
  for (const one of running)
    if (!isController || (await one.client.ask('stack', {})).controls) found.push(one)
  const [first, ...more] = found
  if (first !== undefined && more.length === 0) return first
  if (first === undefined)
    throw new CliError(
      'CLI_NOBODY',
      'no controller of yours is running on this machine; start one with `serval controller`',
    )
  throw new CliError(
    'CLI_PID',
    `several processes match (${found.map(({ pid }) => pid).join(', ')}); give --pid${isController ? ' of any controller; all have the same registry' : hint}; serval services lists them`,
  )
}

/** Returns the answers of all processes. Reports those that hang or have just ended, and leaves them out. */
export async function askEach<T>(
  running: readonly Running[],
  ask: (one: Running) => Promise<T>,
): Promise<T[]> {
  const told = await Promise.all(
    running.map(async one => {
      try {
        return [await ask(one)]
      } catch (error) {
        if (!(error instanceof AdminError) || error.code !== 'ADMIN_GONE') throw error
        say(`process ${one.pid} does not answer`)
        return []
      }
    }),
  )
  return told.flat()
}

/** Returns all pages of an answer. */
export async function flowsOf(client: AdminClient): Promise<FlowFact[]> {
  const all: FlowFact[] = []
  for (let isMore = true; isMore; ) {
    const last = all.at(-1)
    const page = await client.ask('flows', last === undefined ? {} : { after: last.flow })
    all.push(...page.flows)
    isMore = page.isMore
  }
  return all
}

export async function servicesOf(client: AdminClient): Promise<ServiceFact[]> {
  const all: ServiceFact[] = []
  for (let isMore = true; isMore; ) {
    const last = all.at(-1)
    const page = await client.ask('services', last === undefined ? {} : { after: last.id })
    all.push(...page.services)
    isMore = page.isMore
  }
  return all
}

/** Returns rules in the order in which a stack examines them. */
export async function rulesOf(client: AdminClient): Promise<RuleFact[]> {
  const all: RuleFact[] = []
  let after = 0
  do {
    const page = await client.ask('rules', { after })
    all.push(...page.rules)
    after = page.next
  } while (after !== 0)
  const byName = (a: RuleFact, b: RuleFact) => (a.prefix < b.prefix ? -1 : a.prefix > b.prefix ? 1 : 0)
  return all.sort((a, b) => b.bits - a.bits || byName(a, b) || b.priority - a.priority)
}
