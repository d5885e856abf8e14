import { Option } from 'commander'
import { printable } from '../../checker/text/printable.ts'
import type { RuleFact, ServiceFact } from '../../impl/admin/index.ts'
import type { Define } from '../define.ts'
import { collect, json, pidOption, watchOption } from '../options.ts'
import { plural, print, printJson, printTable } from '../screen.ts'
import { SORTS } from '../services/chosen.ts'
import type { ServicesOptions } from '../services/options.ts'
import { askEach, rulesOf, servicesOf, withRunning } from '../stack/running.ts'
import { watching } from '../stack/watching.ts'

export const define: Define = (command, done) => {
  command
    .description(
      'Lists the services that your running stacks on this machine offer, and the rules by which they find others.',
    )
    .addOption(pidOption().conflicts('via'))
    .option(
      '--via <address>',
      'list instead all services registered with the controller at this address, or behind the router there',
    )
    .option(
      '--address <address>',
      'with --via: the local address to query from (default: all addresses of the machine)',
      collect,
    )
    .option('--below <name>', 'with --via: only this service, and those below it')
    .addOption(new Option('--sort <column>', 'with --via: the order of the rows').choices(SORTS))
    .option('--count', 'with --via: only the numbers of services, instances and flows')
    .addOption(watchOption())
    .addOption(json())
    .action(async (options: ServicesOptions) => done(await services(options)))
}

/** The report of one process. */
interface Told {
  readonly pid: number
  readonly addresses: readonly string[]
  readonly services: readonly ServiceFact[]
  /** The fault of a controller's registry; empty while it works. */
  readonly trouble: string
  /** In the order in which its table is searched, its listeners' own among them. */
  readonly rules: readonly RuleFact[]
}

/** `serval services`. Rejects with CLI_NOBODY, ADMIN_FOLDER, CONTROLLER_GONE, errors of sockets. */
export async function services(options: ServicesOptions): Promise<number> {
  if (options.via === undefined) return ofThisMachine(options)
  const { printRegistered } = await import('../services/registered.ts')
  return printRegistered(options.via, options)
}

const ofThisMachine = (options: ServicesOptions): Promise<number> =>
  watching(options.watch, () =>
    withRunning(options.pid, async running => {
      const told = await askEach(
        running,
        async ({ pid, client }): Promise<Told> => ({
          ...{ pid, ...placeOf(await client.ask('stack', {})) },
          services: await servicesOf(client),
          rules: await rulesOf(client),
        }),
      )
      if (options.json) printJson(told)
      else printServices(told)
    }),
  )

const placeOf = ({ addresses, trouble }: Pick<Told, 'addresses' | 'trouble'>) => ({ addresses, trouble })

function printServices(told: readonly Told[]): void {
  for (const { pid, trouble } of told)
    if (trouble !== '') print(`process ${pid} is a controller, and its registry: ${printable(trouble)}\n`)
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
