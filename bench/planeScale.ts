/**
 * The size of a service plane that a controller of one process carries: how soon many registrations are stored and what each weighs,
 * what renewing them costs, how soon a host with many services has left, and what one join costs if many hosts have asked for a
 * service of many instances.
 */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { must } from '../checker/text/at.ts'
import { Agent, listInstances } from '../impl/controller/index.ts'
import { hasNats, NatsServer } from '../impl/controller/registry/testing/natsServer.ts'
import { connect, Stack } from '../impl/sockets/index.ts'
import { type Started, startController } from './controllerProcess.ts'

const REGISTRATIONS = 100_000
const SHARED = 40_000
/** Registrations of one host; a controller takes 32,768. */
const OF_HOST = 10_000
const LEAVING = 20_000
const REPLICAS = 500
const ASKERS = 500
/** Joins until V8 has compiled what they need, and those that are measured. */
const WARM_UP = 20
const JOINS = 40
const MEASURED_MS = 30_000

async function hostAt(address: string, { at }: Started): Promise<{ stack: Stack; agent: Agent }> {
  const stack = await new Stack({ addresses: [`${address}:0`] }).opened()
  const agent = new Agent({ stack, controllers: [at], delays: true })
  await agent.connected()
  return { stack, agent }
}

/** Registers so many services from as few hosts as possible. Returns the hosts when all is stored. */
async function register(controller: Started, count: number, ofHost = OF_HOST) {
  const hosts = await Promise.all(
    Array.from({ length: Math.ceil(count / ofHost) }, (_, i) => hostAt(`127.0.120.${i + 1}`, controller)),
  )
  await Promise.all(
    hosts.map(async ({ stack, agent }, h) => {
      const names = Array.from({ length: ofHost }, (_, i) => `acme/h${h}/s${i}`)
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
  const [live, memory] = [await controller.live(), controller.memory()]
  const [began, cpu, own] = [performance.now(), controller.cpu(), process.cpuUsage()]
  const hosts = await register(controller, count)
  const [seconds, spent] = [(performance.now() - began) / 1000, (controller.cpu() - cpu) / 1000]
  const ownSpent = ownMs(own) / 1000
  const resident = (controller.memory() - memory) / count
  const each = ((await controller.live()) - live) / count
  const share = await shareOf(controller)
  await endAll(hosts)
  await controller.end()
  return (
    `${count} registrations are stored in a journal within ${seconds.toFixed(1)} s (processor: ${spent.toFixed(1)} s of the controller, ${ownSpent.toFixed(1)} s of the hosts), ` +
    `${Math.round(each)} bytes of objects each in the controller, ${Math.round(resident)} of its process; renewing them takes ${share} of a core`
  )
}

/** The processor time of this process since then, ms. */
function ownMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}

/** The part of a core that a controller uses, in percent. */
async function shareOf({ cpu }: Started): Promise<string> {
  const before = cpu()
  await wait(MEASURED_MS)
  return `${((100 * (cpu() - before)) / MEASURED_MS).toFixed(1)} %`
}

async function measureLeaving(count: number): Promise<string> {
  const controller = await startController()
  const hosts = await register(controller, count, count)
  const { stack, agent } = must(hosts[0])
  const began = performance.now()
  await agent.close()
  const seconds = (performance.now() - began) / 1000
  // Of the controller's own process.
  const left = (await listInstances(stack, controller.at)).length - 1
  await stack.close({ limitMs: 0 })
  await controller.end()
  return `a host with ${count} services stops within ${seconds.toFixed(1)} s, and leaves ${left} of them`
}

async function measureShared(count: number): Promise<string> {
  await using server = await NatsServer.start()
  const controller = await startController('--registry', `nats://${server.address}`)
  const hosts = await register(controller, count)
  const share = await shareOf(controller)
  await endAll(hosts)
  await controller.end()
  return `${count} instances in one bucket of NATS, with leases of 30 s: ${share} of a core of the controller`
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
  const join = (i: number) => async () => {
    const told = Promise.all(hosts.map(({ agent }) => once(agent, 'rules')))
    must(hosts[i % replicas]).agent.weigh(2 + i)
    await told
    await wait(200)
  }
  for (let i = 0; i < WARM_UP; i++) await join(i)()
  // Hosts also show the controller that they live, and renew their leases: measures that before and after.
  const rest = () => costOf(controller, () => wait(IDLE_MS))
  const before = await rest()
  const busy = await costOf(controller, async () => {
    for (let i = 0; i < JOINS; i++) await join(WARM_UP + i)()
  })
  const after = await rest()
  await endAll(hosts)
  await controller.end()
  const idle = (who: 'controller' | 'hosts') => (before[who] + after[who]) / (before.ms + after.ms)
  const each = (who: 'controller' | 'hosts') => ((busy[who] - idle(who) * busy.ms) / JOINS).toFixed(0)
  return (
    `a change of one of ${replicas} instances costs ${each('controller')} ms of the controller's processor for ${askers} hosts that asked, and ${each('hosts')} ms of the hosts'; ` +
    `without changes a second costs ${(1000 * idle('controller')).toFixed(0)} ms of the controller's`
  )
}

const IDLE_MS = 5000

/** Processor time of the controller and of this process with the hosts, and the time that passed, ms. */
interface Cost {
  readonly controller: number
  readonly hosts: number
  readonly ms: number
}

async function costOf({ cpu }: Started, work: () => Promise<unknown>): Promise<Cost> {
  const [before, own, began] = [cpu(), process.cpuUsage(), performance.now()]
  await work()
  return { controller: cpu() - before, hosts: ownMs(own), ms: performance.now() - began }
}

export const measurePlaneScale = async (): Promise<string> =>
  [
    await measureRegistrations(REGISTRATIONS),
    await measureLeaving(LEAVING),
    await measureJoin(REPLICAS, ASKERS),
    ...(hasNats() ? [await measureShared(SHARED)] : []),
  ]
    .map(line => `plane-scale: ${line}`)
    .join('\n')
