/**
 * The size of a service plane that a controller of one process carries: how soon many registrations are stored and what each weighs,
 * what renewing them in a shared registry costs, and what one join costs if many hosts have asked for a service of many instances.
 */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { must } from '../checker/text/at.ts'
import { Agent } from '../impl/controller/index.ts'
import { hasNats, NatsServer } from '../impl/controller/registry/testing/natsServer.ts'
import { connect, Stack } from '../impl/sockets/index.ts'
import { type Started, startController } from './controllerProcess.ts'
import { median } from './table.ts'

const REGISTRATIONS = 20_000
const SHARED = 10_000
/** Registrations of one host; a controller takes 16,384. */
const OF_HOST = 10_000
const REPLICAS = 500
const ASKERS = 500
const JOINS = 10
const MEASURED_MS = 30_000

async function hostAt(address: string, { at }: Started): Promise<{ stack: Stack; agent: Agent }> {
  const stack = await new Stack({ addresses: [`${address}:0`] }).opened()
  const agent = new Agent({ stack, controllers: [at], delays: true })
  await agent.connected()
  return { stack, agent }
}

/** Registers so many services from as few hosts as possible. Returns the hosts when all is stored. */
async function register(controller: Started, count: number) {
  const hosts = await Promise.all(
    Array.from({ length: Math.ceil(count / OF_HOST) }, (_, i) => hostAt(`127.0.120.${i + 1}`, controller)),
  )
  await Promise.all(
    hosts.map(async ({ stack, agent }, h) => {
      const names = Array.from({ length: OF_HOST }, (_, i) => `acme/h${h}/s${i}`)
      for (const name of names) stack.offers.set(name, true)
      for (const name of names) await agent.registered(name)
    }),
  )
  return hosts
}

async function endAll(hosts: readonly { readonly stack: Stack; readonly agent: Agent }[]): Promise<void> {
  for (const { agent, stack } of hosts) {
    agent.closeWithStack()
    await stack.close({ limitMs: 0 })
  }
}

async function measureRegistrations(count: number): Promise<string> {
  const controller = await startController()
  const [memory, began, cpu] = [controller.memory(), performance.now(), controller.cpu()]
  const hosts = await register(controller, count)
  const [seconds, spent] = [(performance.now() - began) / 1000, (controller.cpu() - cpu) / 1000]
  const each = (controller.memory() - memory) / count
  await endAll(hosts)
  await controller.end()
  return `${count} registrations are stored in a journal within ${seconds.toFixed(1)} s (${spent.toFixed(1)} s of the controller's processor), ${Math.round(each)} bytes of its memory each`
}

async function measureShared(count: number): Promise<string> {
  await using server = await NatsServer.start()
  const controller = await startController('--registry', `nats://${server.address}`)
  const hosts = await register(controller, count)
  const before = controller.cpu()
  await wait(MEASURED_MS)
  const share = (controller.cpu() - before) / MEASURED_MS
  await endAll(hosts)
  await controller.end()
  return `${count} instances in one bucket of NATS, with leases of 30 s: ${(100 * share).toFixed(1)} % of a core of the controller`
}

const SERVICE = 'acme/fan'

async function measureJoin(replicas: number, askers: number): Promise<string> {
  const controller = await startController()
  const hosts = await Promise.all(
    Array.from({ length: askers }, (_, i) =>
      hostAt(`127.0.${121 + Math.floor(i / 250)}.${1 + (i % 250)}`, controller),
    ),
  )
  // Instances of one host at many addresses would be one host to the controller: askers serve, too.
  for (const { stack } of hosts.slice(0, replicas)) stack.offers.set(SERVICE, true)
  for (const { agent } of hosts.slice(0, replicas)) await agent.registered(SERVICE)
  for (const { stack } of hosts)
    connect({ service: SERVICE, stack })
      .on('error', () => {})
      .resume()
  const last = must(hosts.at(-1))
  while (last.agent.rules.size < Math.min(replicas, askers) - 1) await wait(50)
  await wait(2000)
  const idle = await costOf(controller, () => wait(1000))
  const costs: number[] = []
  for (let i = 0; i < JOINS; i++)
    costs.push(
      await costOf(controller, async () => {
        const told = Promise.all(hosts.map(({ agent }) => once(agent, 'rules')))
        must(hosts[i % replicas]).agent.weigh(2 + i)
        await told
        await wait(200)
      }),
    )
  await endAll(hosts)
  await controller.end()
  return `a change of one of ${replicas} instances costs the controller ${median(costs).toFixed(0)} ms of its processor for ${askers} hosts that asked (idle for a second: ${idle.toFixed(0)} ms)`
}

async function costOf({ cpu }: Started, work: () => Promise<unknown>): Promise<number> {
  const before = cpu()
  await work()
  return cpu() - before
}

export const measurePlaneScale = async (): Promise<string> =>
  [
    await measureRegistrations(REGISTRATIONS),
    await measureJoin(REPLICAS, ASKERS),
    ...(hasNats() ? [await measureShared(SHARED)] : []),
  ]
    .map(line => `plane-scale: ${line}`)
    .join('\n')
