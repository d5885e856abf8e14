import { once } from 'node:events'
import type { Listener } from '../../impl/host/flows/listener.ts'
import { listServices } from '../../impl/host/services/serviceListing.ts'
import type { Target } from '../../impl/host/services/serviceTable.ts'
import { printAddress, SERVER_PORT } from '../../impl/link/address.ts'
import { DROP_CAUSES } from '../../impl/sockets/channels.ts'
import type { Stack } from '../../impl/sockets/index.ts'
import type { Define } from '../define.ts'
import { EXIT } from '../exit.ts'
import { interruptible } from '../interrupt.ts'
import { collect, json } from '../options.ts'
import { ProgressLine } from '../progressLine.ts'
import { count, plural, print, printJson, printTable } from '../screen.ts'
import { joinPlane } from '../stack/joinPlane.ts'
import { metricsOption, serveMetrics } from '../stack/metrics.ts'
import { openStack } from '../stack/openStack.ts'
import { defaultRule, routerRuleOf } from '../stack/routerRules.ts'
import { say } from '../stack/say.ts'

export interface RouterOptions {
  readonly address?: readonly string[]
  readonly rule?: readonly string[]
  readonly default?: string
  readonly controller?: readonly string[]
  readonly rendezvous?: boolean
  readonly metrics?: string
  readonly json?: boolean
}

/** The time between two refreshes of the counters, in ms. */
const EVERY_MS = 1000

export const define: Define = (command, done) => {
  command
    .description(
      'Forwards the first packet of each flow, and datagrams without a connection, by its rules. All later packets go directly between client and server. It shows its counters until Ctrl-C.',
    )
    .option(
      '--address <address>',
      'a local address, best first; repeat for more (default: all addresses of the machine, also when they change)',
      collect,
    )
    .option(
      '--rule <rule>',
      "'acme=via 192.0.2.7', 'acme=delay', 'acme=drop', with 'priority N' and 'weight N' after it; repeat for more",
      collect,
    )
    .option('--default <address>', 'forward everything that no rule matches to this address')
    .option(
      '--controller <address>',
      'a controller that supplies the rules; repeat for standby controllers',
      collect,
    )
    .option('--rendezvous', 'relay moves between hosts that name this one as their rendezvous')
    .addOption(metricsOption())
    .addOption(json())
    .action(async (options: RouterOptions) => done(await router(options)))
}

/** `serval router`. Rejects with CLI_RULE, a ServiceError, LINK_ADDRESS, and what `openStack` rejects with. */
export function router(options: RouterOptions): Promise<number> {
  const { address = [], rule = [], rendezvous = false } = options
  const rules = rule.map(routerRuleOf)
  if (options.default !== undefined) rules.push(defaultRule(options.default))
  return interruptible(async signal => {
    const stack = await openStack({ address }, SERVER_PORT, { forwards: true, relays: rendezvous })
    try {
      await serveMetrics(options.metrics, stack)
      for (const { prefix, target, ...options } of rules) stack.rules.add(prefix, target, options)
      // A packet for an unknown service waits for the controller's answer, unless there is another way.
      const delays = options.default === undefined
      joinPlane(stack, options, { rules: 'all', delays })
      say(`forwarding at ${stack.addresses.join(', ')}, by ${plural(rules.length, 'rule')} of its own`)
      await watch(stack, signal)
      tell(stack, options.json)
      return EXIT.INTERRUPTED
    } finally {
      await stack.close({ limitMs: 0 })
    }
  })
}

/** Shows the counters until the command stops. */
async function watch(stack: Stack, signal: AbortSignal): Promise<void> {
  const line = new ProgressLine(() => performance.now())
  let before = 0
  stack.driver.hold()
  const timer = setInterval(() => {
    const { counters, host } = stack
    const rate = ((counters.forwarded - before) * 1000) / EVERY_MS
    before = counters.forwarded
    line.show(
      `${count(counters.forwarded)} forwarded (${count(rate)}/s), ${count(host.delays.size)} waiting, ` +
        `${count(counters.relayed)} relayed, ${count(dropsOf(stack))} dropped`,
    )
  }, EVERY_MS)
  if (!signal.aborted) await once(signal, 'abort')
  clearInterval(timer)
  stack.driver.release()
  line.say('stopped')
}

const dropsOf = ({ counters }: Stack): number => DROP_CAUSES.reduce((sum, cause) => sum + counters[cause], 0)

/** Prints the counters of the router, by rule and by cause. */
function tell(stack: Stack, isJson = false): void {
  const rules = stack.host.services.rules()
  const { link: _, ...counters } = stack.counters
  if (isJson) {
    const told = rules.map(({ target, prefix, ...rule }) => ({
      ...{ prefix: prefix.text, bits: prefix.bits, ...rule },
      target: printTarget(target),
    }))
    printJson({ addresses: stack.addresses, rules: told, counters })
    return
  }
  print(listServices(rules, printTarget).join('\n'))
  print()
  const seen = Object.entries(counters).filter(([, value]) => value > 0)
  printTable([['COUNTER', 'PACKETS'], ...seen.map(([name, value]) => [name, count(value)])])
}

const printTarget = (target: Target<Listener>): string =>
  target.kind === 'forward' ? `forward ${printAddress(target.address)}` : target.kind
