/**
 * The service plane: how soon a join or leave is seen, beside a bare round trip to the controller in the same run, on
 * loopback and over a network that takes its time; and what refreshing 10,000 registrations costs a controller's process, of one core.
 */

import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent, Controller, MemoryRegistry } from '../impl/controller/index.ts'
import { CONTROLLER_SERVICE, encode } from '../impl/controller/messages.ts'
import { parseAddress } from '../impl/link/address.ts'
import { faults } from '../impl/link/faults.ts'
import { realClock } from '../impl/link/realClock.ts'
import { openUdp } from '../impl/link/udp.ts'
import { connect, type Socket, Stack } from '../impl/sockets/index.ts'
import { startController } from './controllerProcess.ts'
import { median, medianRatio } from './table.ts'

const ROUNDS = 60
/** Each way. */
const DELAY_MS = 10
const SERVICE = 'acme/web'
const REGISTRATIONS = 10_000
const MEASURED_MS = 20_000

/** A stack whose datagrams are so long on their way. */
async function stackAt(address: string, delayMs = 0): Promise<Stack> {
  const text = `${address}:0`
  if (delayMs === 0) return new Stack({ addresses: [text] }).opened()
  const link = faults(
    await openUdp({ addresses: [parseAddress(text)] }),
    { send: { delayMs } },
    Math.random,
    realClock(),
  )
  return new Stack({ link }).opened()
}

async function measureChanges(delayMs: number): Promise<string> {
  const [at, server, client] = [
    await stackAt('127.0.3.1', delayMs),
    await stackAt('127.0.3.2', delayMs),
    await stackAt('127.0.3.3', delayMs),
  ]
  const controller = await new Controller({ stack: at, registry: new MemoryRegistry() }).open()
  const agents = [server, client].map(stack => new Agent({ stack, controllers: at.addresses, delays: true }))
  await Promise.all(agents.map(agent => agent.connected()))
  const times = { trip: [] as number[], join: [] as number[], leave: [] as number[] }
  // A host that has asked for a service hears of its changes from then on.
  await once(connect({ service: SERVICE, stack: client }), 'error')
  const asker = connect({
    service: CONTROLLER_SERVICE,
    stack: client,
    via: at.addresses[0] as string,
    noDelay: true,
  })
  await once(asker, 'connect')
  for (let i = 0; i < ROUNDS; i++) {
    times.trip.push(await roundTrip(asker))
    for (const isOffered of [true, false]) {
      const seen = once(agents[1] as Agent, 'rules')
      const from = performance.now()
      server.offers.set(SERVICE, isOffered)
      await seen
      times[isOffered ? 'join' : 'leave'].push(performance.now() - from)
    }
  }
  asker.destroy()
  for (const agent of agents) await agent.close()
  await controller.close()
  for (const stack of [server, client, at]) await stack.close({ limitMs: 0 })
  const { trip, join, leave } = times
  const ms = (all: readonly number[]): string => `${median(all).toFixed(2)} ms`
  const trips = (all: readonly number[]): string => `${medianRatio(all, trip).toFixed(2)} of it`
  return (
    `${delayMs === 0 ? 'on loopback' : `with ${2 * delayMs} ms on the way there and back`}: one question and its answer ${ms(trip)}; a join is in another host's table after ${ms(join)}, ${trips(join)}; ` +
    `a leave after ${ms(leave)}, ${trips(leave)} (medians of ${ROUNDS})`
  )
}

/** One question to the controller and its answer, on a connection that is open, in ms. */
async function roundTrip(asker: Socket): Promise<number> {
  const began = performance.now()
  asker.write(encode({ type: 'resolve', service: 'acme/none' }))
  await once(asker, 'data')
  return performance.now() - began
}

async function measureRefreshes(): Promise<string> {
  const controller = await startController()
  const stack = await stackAt('127.0.3.2')
  const agent = new Agent({ stack, controllers: [controller.at] })
  await agent.connected()
  for (let i = 0; i < REGISTRATIONS; i++) stack.offers.set(`acme/s${i}`, true)
  await agent.registered(`acme/s${REGISTRATIONS - 1}`)
  const before = controller.cpu()
  await wait(MEASURED_MS)
  const share = (controller.cpu() - before) / MEASURED_MS
  await agent.close()
  await stack.close({ limitMs: 0 })
  await controller.end()
  return `${REGISTRATIONS} registrations with leases of 30 s: ${(100 * share).toFixed(1)} % of a core`
}

const changes = async (): Promise<string[]> => [await measureChanges(0), await measureChanges(DELAY_MS)]

export const measurePlane = async (): Promise<string> =>
  [...(await changes()), await measureRefreshes()].map(line => `plane: ${line}`).join('\n')
