/** The faults of the lab. */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { MOBILE, WIFI } from './places.ts'
import type { Scenario } from './run.ts'

const SMALL_MTU = 1280
const OUTAGE_MS = 4000

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'link-down',
    fault: 'the Wi-Fi link goes down; the mobile network stays',
    mobility: 'leave',
    cause: ({ network }) => network.unplug(WIFI),
  },
  {
    name: 'dead-path',
    fault: 'the Wi-Fi router drops everything; its interface stays up',
    cause: ({ network }) => network.silence(WIFI),
  },
  {
    name: 'nat-forgets',
    fault: 'the router forgets its connections and uses other ports',
    // Otherwise the flow would escape to the mobile network.
    mobility: 'leave',
    cause: ({ network }) => network.forget(WIFI),
  },
  {
    name: 'outage',
    fault: `both links are down for ${OUTAGE_MS / 1000} s`,
    cause: async ({ network }) => {
      network.unplug(WIFI)
      network.unplug(MOBILE)
      await wait(OUTAGE_MS)
      network.plug(WIFI)
    },
  },
  {
    name: 'narrow-path',
    fault: `the client moves to a path with an MTU of ${SMALL_MTU}, without ICMP`,
    cause: ({ network, migrate }) => {
      network.narrow(MOBILE, SMALL_MTU)
      migrate(MOBILE.client)
    },
  },
  {
    name: 'path-shrinks',
    fault: `the path in use shrinks to an MTU of ${SMALL_MTU}, without ICMP`,
    mobility: 'leave',
    cause: ({ network }) => network.narrow(WIFI, SMALL_MTU),
  },
  {
    name: 'dead-target',
    fault: 'the client moves to a network that drops everything',
    mobility: 'leave',
    bytes: 10_500_000,
    cause: ({ network, migrate }) => {
      network.silence(MOBILE)
      migrate(MOBILE.client)
    },
  },
  {
    name: 'restart',
    fault: 'the server is killed and started again',
    cause: async ({ network, server }) => {
      server.kill('SIGKILL')
      await once(server, 'exit')
      await network.startServer()
    },
  },
  {
    name: 'loss',
    fault: '2 % of all packets are lost from now on',
    cause: ({ network }) => network.impair({ delayMs: 20, loss: 0.02 }),
  },
  {
    name: 'reordering',
    fault: 'each packet takes up to 20 ms longer from now on, and overtakes others',
    cause: ({ network }) => network.impair({ delayMs: 20, jitterMs: 20 }),
  },
]
