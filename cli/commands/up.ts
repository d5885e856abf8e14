import { once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { SERVER_PORT } from '../../impl/link/address.ts'
import type { Stack } from '../../impl/sockets/index.ts'
import type { Define } from '../define.ts'
import { EXIT } from '../exit.ts'
import { interruptible } from '../interrupt.ts'
import { plural, print, printJson } from '../screen.ts'
import { credentialsIn } from '../stack/credentials.ts'
import { onHangup } from '../stack/hangup.ts'
import { joinPlane } from '../stack/joinPlane.ts'
import { serveMetrics } from '../stack/metrics.ts'
import { openStack } from '../stack/openStack.ts'
import type { RouterRule } from '../stack/routerRules.ts'
import { say } from '../stack/say.ts'
import { keysFor } from '../stack/serviceKey.ts'
import { notify } from '../up/notify.ts'
import { Offers } from '../up/offers.ts'
import { readSettings, type Settings, settingsSchema } from '../up/settings.ts'

interface UpOptions {
  readonly check?: boolean
  readonly schema?: boolean
}

/** Settings that only a new process can change. */
const FIXED = [
  'addresses',
  'advertise',
  'flows',
  'mobility',
  'controllers',
  'priority',
  'weight',
  'leaseMs',
  'metrics',
] as const

export const define: Define = (command, done) => {
  command
    .description(
      'Offers all services of a file in one process. On SIGHUP it reads the file again and keeps open connections. It tells systemd when it is ready.',
    )
    .argument('[file]', 'the file, in YAML', 'services.yaml')
    .option('--check', 'only check the file')
    .option('--schema', 'print the JSON Schema of the file, for editors')
    .action(async (file: string, options: UpOptions) => done(await up(file, options)))
}

/** `serval up`. Rejects with CLI_SETTINGS, CLI_READ, CLI_KEY, and what `openStack` rejects with. */
export async function up(file: string, options: UpOptions): Promise<number> {
  if (options.schema === true) {
    printJson(settingsSchema)
    return EXIT.HOLDS
  }
  const settings = readSettings(file)
  if (options.check === true) {
    for (const [name, one] of settings.services) {
      keysFor(name, one.key)
      credentialsIn(one)
    }
    print(`${file} offers ${plural(settings.services.size, 'service')}`)
    return EXIT.HOLDS
  }
  return interruptible(
    async signal => {
      const { addresses: address, advertise, flows, mobility, controllers: controller } = settings
      const stack = await openStack({ address, advertise, mobility, ...(flows && { flows }) }, SERVER_PORT)
      try {
        await serveMetrics(settings.metrics, stack)
        const offers = new Offers(stack, joinPlane(stack, { controller }, agentOptionsOf(settings)))
        await serve(file, settings, stack, offers, signal)
        return EXIT.INTERRUPTED
      } finally {
        await stack.close()
      }
    },
    ['SIGINT', 'SIGTERM'],
  )
}

const agentOptionsOf = ({ priority, weight, leaseMs }: Settings) => ({
  ...(priority !== undefined && { priority }),
  ...(weight !== undefined && { weight }),
  ...(leaseMs !== undefined && { leaseMs }),
})

async function serve(
  file: string,
  first: Settings,
  stack: Stack,
  offers: Offers,
  signal: AbortSignal,
): Promise<void> {
  let settings = first
  const apply = async (before: Settings | undefined): Promise<void> => {
    await offers.apply(settings.services)
    changeRules(stack, before?.rules ?? [], settings.rules)
  }
  await apply(undefined)
  say(`ready: ${plural(settings.services.size, 'service')}`)
  await notify('READY=1')
  stack.driver.hold()
  const reload = async (): Promise<string> => {
    const before = settings
    try {
      await notify('RELOADING=1')
      settings = readSettings(file)
      await apply(before)
    } catch (error) {
      settings = before
      throw error
    } finally {
      await notify('READY=1')
    }
    for (const name of FIXED)
      if (!isDeepStrictEqual(before[name], settings[name]))
        say(`${name.replace(/Ms$/, '')} has changed: start the command again to use it`, 'warning')
    return `${file} is in use: ${plural(settings.services.size, 'service')}`
  }
  const reloaded = onHangup(reload, 'the services before', signal)
  if (!signal.aborted) await once(signal, 'abort')
  stack.driver.release()
  await reloaded()
  await notify('STOPPING=1')
  await offers.close()
  await offers.serving.end(settings.drainMs)
}

function changeRules(stack: Stack, before: readonly RouterRule[], after: readonly RouterRule[]): void {
  const isIn = (rules: readonly RouterRule[], rule: RouterRule): boolean =>
    rules.some(other => other.prefix === rule.prefix && isDeepStrictEqual(other.target, rule.target))
  for (const rule of before) if (!isIn(after, rule)) stack.rules.remove(rule.prefix, rule.target)
  for (const { prefix, target, ...options } of after) stack.rules.add(prefix, target, options)
}
