/** The comparisons of the lab. */
import type { Order } from '../box.ts'
import type { Network } from '../network.ts'
import { MOBILE, WIFI } from '../places.ts'
import type { Comparison } from './compare.ts'

/** Two networks of 50 Mb/s with round trips of 10 and 40 ms, whose queues hold 20 and 40 ms. */
const FAST: Order = { net: 'home', rules: { delayMs: 5, rateKbps: 50_000, queueMs: 20 } }
const SLOW: Order = { net: 'cell', rules: { delayMs: 20, rateKbps: 50_000, queueMs: 40 } }

/** Two networks that differ in nothing. */
const ALIKE: Order = { rules: { delayMs: 20, rateKbps: 50_000, queueMs: 40 } }

const lossy = ({ rules, ...order }: Order): Order => ({ ...order, rules: { ...rules, loss: 0.05 } })

export const COMPARISONS: readonly Comparison[] = [
  {
    name: 'two-paths',
    what: 'two networks of 50 Mb/s with 10 and 40 ms',
    bytes: 80e6,
    orders: [FAST, SLOW],
    contenders: ['Serval, all flows', 'Serval, one flow', 'Serval, mobile only', 'MPTCP', 'TCP'],
  },
  {
    name: 'fast-path-dies',
    what: 'the faster of two networks dies after 2 s',
    bytes: 40e6,
    orders: [FAST, SLOW],
    faults: [{ afterMs: 2000, what: 'Wi-Fi dies', cause: network => network.silence(WIFI) }],
    contenders: ['Serval, all flows', 'Serval, failover', 'MPTCP'],
  },
  {
    name: 'slow-path-dies',
    what: 'the slower of two networks dies after 2 s',
    bytes: 40e6,
    orders: [FAST, SLOW],
    faults: [{ afterMs: 2000, what: 'the mobile network dies', cause: network => network.silence(MOBILE) }],
    contenders: ['Serval, all flows', 'MPTCP'],
  },
  {
    name: 'path-in-use-dies',
    what: 'of two networks with 40 ms, Wi-Fi dies after 2 s; its interface stays up',
    bytes: 30e6,
    orders: [ALIKE],
    faults: [{ afterMs: 2000, what: 'Wi-Fi dies', cause: network => network.silence(WIFI) }],
    contenders: ['Serval, one flow that moves', 'Serval, failover', 'MPTCP', 'MPTCP, backup'],
  },
  {
    name: 'link-flaps',
    what: 'two networks with 40 ms; the link of Wi-Fi is down for 1 s of every 3 s',
    bytes: 60e6,
    orders: [ALIKE],
    faults: [2, 5, 8, 11].flatMap(seconds => [
      { afterMs: 1000 * seconds, what: 'down', cause: (network: Network) => network.unplug(WIFI) },
      { afterMs: 1000 * (seconds + 1), what: 'up', cause: (network: Network) => network.plug(WIFI) },
    ]),
    contenders: [
      'Serval, one flow that moves',
      'Serval, failover',
      'Serval, all flows',
      'MPTCP',
      'MPTCP, backup',
    ],
  },
  {
    name: 'fast-path-loses',
    what: 'the faster of two networks loses 5 % of all packets',
    bytes: 40e6,
    orders: [lossy(FAST), SLOW],
    contenders: ['Serval, all flows', 'Serval, mobile only', 'MPTCP'],
  },
  {
    name: 'slow-path-loses',
    what: 'the slower of two networks loses 5 % of all packets',
    bytes: 40e6,
    orders: [FAST, lossy(SLOW)],
    contenders: ['Serval, all flows', 'Serval, one flow', 'MPTCP'],
  },
  {
    name: 'bottleneck',
    what: 'two flows and one TCP connection share 20 Mb/s with 40 ms',
    bytes: 40e6,
    orders: [{ rules: { delayMs: 20, rateKbps: 20_000, queueMs: 60 }, isShared: true }],
    contenders: ['Serval, all flows', 'TCP'],
    isRace: true,
  },
  {
    name: 'comes-and-goes',
    what: 'a download over mobile 20 Mb/s and a Wi-Fi of 50 Mb/s, which comes and goes',
    bytes: 60e6,
    orders: [FAST, { net: 'cell', rules: { delayMs: 20, rateKbps: 20_000, queueMs: 40 } }],
    faults: [
      { afterMs: 2000, what: 'Wi-Fi goes', cause: network => network.silence(WIFI) },
      { afterMs: 5000, what: 'Wi-Fi comes', cause: network => network.restore(WIFI) },
      { afterMs: 8000, what: 'Wi-Fi goes', cause: network => network.silence(WIFI) },
      { afterMs: 11000, what: 'Wi-Fi comes', cause: network => network.restore(WIFI) },
    ],
    contenders: ['Serval, all flows', 'Serval, failover', 'MPTCP'],
  },
]
