import { at } from '../../checker/text/at.ts'
import { printServiceId, serviceIdOf } from '../../impl/host/services/serviceId.ts'
import type { Define } from '../define.ts'
import { EXIT } from '../exit.ts'
import { json, pidOption } from '../options.ts'
import { print, printJson, printTable } from '../screen.ts'
import { askEach, rulesOf, withRunning } from '../stack/running.ts'
import { type Asked, type MatchedRule, roots, trace } from '../stack/trace.ts'

export interface ResolveOptions {
  readonly pid?: number
  readonly json?: boolean
}

export const define: Define = (command, done) => {
  command
    .description(
      'Shows the rules that match a service in your running stacks on this machine, and follows the deciding rules from stack to stack.',
    )
    .argument('<service>', 'a name such as acme/echo, or 64 hexadecimal digits')
    .addOption(pidOption())
    .addOption(json())
    .action(async (service: string, options: ResolveOptions) => done(await resolve(service, options)))
}

/** `serval resolve`: 0 when some way ends at a listener. Rejects with a ServiceError, CLI_NOBODY, ADMIN_FOLDER. */
export async function resolve(service: string, options: ResolveOptions): Promise<number> {
  const id = serviceIdOf(service)
  return withRunning(undefined, async running => {
    const asked = await askEach(
      running,
      async ({ pid, client }): Promise<Asked> => ({
        pid,
        addresses: (await client.ask('stack', {})).addresses,
        rules: await rulesOf(client),
      }),
    )
    const from = options.pid === undefined ? roots(id, asked) : asked.filter(({ pid }) => pid === options.pid)
    const ways = from.map(one => trace(id, asked, one))
    if (options.json) printJson({ service, id: printServiceId(id), ways })
    else for (const [i, steps] of ways.entries()) printWay(steps, asked, i > 0)
    const isFound = ways.flat().some(({ rule, decides }) => decides && rule?.target === 'demux')
    return isFound ? EXIT.HOLDS : EXIT.VIOLATED
  })
}

function printWay(steps: readonly MatchedRule[], asked: readonly Asked[], isNext: boolean): void {
  if (isNext) print()
  const addressOf = (pid: number): string => asked.find(one => one.pid === pid)?.addresses[0] ?? ''
  const rows = steps.map(({ hop, pid, rule, why }) => [
    ...[String(hop), String(pid), addressOf(pid)],
    ...(rule === undefined
      ? ['', '', '', '', '']
      : [
          ...[rule.prefix, String(rule.bits), String(rule.priority)],
          ...[rule.weight === 0 ? 'draining' : String(rule.weight), rule.target],
        ]),
    why,
  ])
  const heading = ['HOP', 'PID', 'AT', 'RULE FOR', 'BITS', 'PRIORITY', 'WEIGHT', 'TARGET', 'WHY']
  printTable([heading, ...rows], (_, row) => (at(steps, row - 1).decides ? undefined : 'gray'))
}
