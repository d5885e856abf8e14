import type { Command, Option } from 'commander'
import type { RuleFact, ServiceFact } from '../../impl/socket/control/index.ts'
import { plural, print, printJson, printTable } from '../screen.ts'
import { pidOption, watchOption } from '../stack/pidOption.ts'
import { askEach, rulesOf, servicesOf, withRunning } from '../stack/running.ts'
import { watching } from '../stack/watch.ts'

export interface ServicesOptions {
  readonly pid?: number
  readonly watch?: boolean
  readonly json?: boolean
}

export function addServices(program: Command, json: () => Option, done: (status: number) => void): void {
  program
    .command('services')
    .summary('list the services of running stacks')
    .description(
      'Lists the services that the stacks of your processes on this machine listen to, and the rules by which they find others.',
    )
    .addOption(pidOption())
    .addOption(watchOption())
    .addOption(json())
    .action(async (options: ServicesOptions) => done(await services(options)))
}

/** What one process tells. */
interface Told {
  readonly pid: number
  readonly addresses: readonly string[]
  readonly services: readonly ServiceFact[]
  /** In the order in which its table is searched, its listeners' own among them. */
  readonly rules: readonly RuleFact[]
}

/** `serval services`. Rejects with CLI_NOBODY, CONTROL_FOLDER. */
export const services = (options: ServicesOptions): Promise<number> =>
  watching(options.watch, () =>
    withRunning(options.pid, async running => {
      const told = await askEach(
        running,
        async ({ pid, client }): Promise<Told> => ({
          pid,
          addresses: (await client.ask('stack', {})).addresses,
          services: await servicesOf(client),
          rules: await rulesOf(client),
        }),
      )
      if (options.json) printJson(told)
      else printServices(told)
    }),
  )

function printServices(told: readonly Told[]): void {
  const listened = told.flatMap(({ pid, addresses, services }) =>
    services.map(one => [
      ...[String(pid), one.service, String(one.flows), String(one.pending), String(one.waiting)],
      addresses.join(' '),
    ]),
  )
  if (listened.length > 0)
    printTable([['PID', 'SERVICE', 'FLOWS', 'PENDING', 'WAITING', 'ADDRESSES'], ...listened])
  else print(`no services in ${plural(told.length, 'running stack')}`)
  const rules = told.flatMap(({ pid, rules }) =>
    rules
      .filter(({ target }) => target !== 'demux')
      .map(({ prefix, bits, priority, weight, packets, target }) => [
        ...[String(pid), prefix, String(bits), String(priority)],
        ...[weight === 0 ? 'draining' : String(weight), String(packets), target],
      ]),
  )
  if (rules.length === 0) return
  print()
  printTable([['PID', 'RULE FOR', 'BITS', 'PRIORITY', 'WEIGHT', 'PACKETS', 'TARGET'], ...rules])
}
