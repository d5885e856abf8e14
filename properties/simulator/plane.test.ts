import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { kind } from '../../impl/host/testing/echo.ts'
import { SYN } from '../../spec/machines/flow/packets.ts'
import { Findings } from './findings.ts'
import { Hops } from './hops.ts'
import type { Plan } from './plan.ts'
import { Plane } from './plane.ts'
import type { RuleName } from './rules.ts'
import { simulate } from './simulate.ts'
import { Simulation } from './simulation.ts'
import { addressOf, type Station } from './station.ts'

/** Two instances of a service, host 0 and host 1, and a client, host 2; all have two addresses. */
const quiet: Plan = {
  ...{ format: 1, seed: 1, hosts: 3, routers: 2, instances: 2, addresses: 2 },
  ...{ latencyMs: 10, tries: 15, calmMs: 20_000 },
  faults: { loss: 0, duplication: 0, corruption: 0, reordering: 0, reorderMs: 0, jitterMs: 0 },
  actions: [],
}

type Actions = Plan['actions']
const talk = (flow: number, atMs: number): Actions => [
  { atMs, do: 'connect', flow, host: 2, from: 0, to: 0, via: 0, protocol: 'stream' },
  { atMs: atMs + 200, do: 'write', flow, end: 'client', bytes: 50_000 },
  { atMs: atMs + 200, do: 'write', flow, end: 'server', bytes: 70_000 },
]
const withActions = (...actions: Actions): Plan => ({
  ...quiet,
  actions: [...actions].sort((a, b) => a.atMs - b.atMs),
})
const whole = { verdict: 'holds', flows: 1, excused: 0, heard: 120_000 }

describe('behind routers', () => {
  test('routers forward the first packet of a flow to an instance, and no later packet', () => {
    const plan = withActions(
      ...talk(0, 0),
      { atMs: 150, do: 'crash', host: 3, keepsSecret: false },
      { atMs: 150, do: 'crash', host: 4, keepsSecret: false },
    )
    expect(simulate(plan)).toMatchObject({ ...whole, forwarded: 2, relayed: 0 })
  })

  test('a draining instance gets no new flow and keeps its flows, and clients do not notice its end', () => {
    const plan = withActions(
      ...Array.from({ length: 20 }, (_, flow) => talk(flow, 100 * flow)).flat(),
      { atMs: 650, do: 'weigh', host: 0, weight: 0 },
      { atMs: 1950, do: 'unlisten', host: 0 },
    )
    const asked: { readonly atMs: number; readonly host: number }[] = []
    const simulation = simulate(plan, {
      packet: (host, datagram, direction, atMs) => {
        if (direction === 'in' && host < 2 && kind(datagram) === SYN) asked.push({ atMs, host })
      },
    })
    expect(simulation).toMatchObject({ verdict: 'holds', flows: 20, excused: 0, heard: 20 * 120_000 })
    // What was under way when it began to drain has arrived.
    const later = asked.filter(({ atMs }) => atMs > 650 + 10)
    expect([asked, later].map(list => new Set(list.map(({ host }) => host)))).toEqual([
      new Set([0, 1]),
      new Set([1]),
    ])
  })

  test('two ends that lose their addresses at once find each other through the rendezvous', () => {
    const plan = withActions(...talk(0, 1000), { atMs: 1205, do: 'uproot', flow: 0 })
    const simulation = simulate(plan)
    expect(simulation).toMatchObject(whole)
    expect(simulation.relayed).toBeGreaterThan(0)
  })

  test('the judge excuses two ends that the rendezvous forgot before they met', () => {
    const plan = withActions(
      ...talk(0, 1000),
      { atMs: 1205, do: 'uproot', flow: 0 },
      { atMs: 1206, do: 'crash', host: 4, keepsSecret: true },
    )
    expect(simulate(plan)).toMatchObject({ verdict: 'holds', excused: 1 })
  })

  test('a host leaves the rendezvous by the address at which it registered', () => {
    const plan = withActions(
      ...talk(0, 1000),
      { atMs: 1205, do: 'uproot', flow: 0 },
      { atMs: 1206, do: 'vanish', host: 4, address: 0, follow: false },
    )
    expect(simulate(plan)).toMatchObject(whole)
  })
})

test('one instance keeps the flow of a SYN that reaches all; the others give it up', () => {
  const { routers: _, ...without } = withActions(...talk(0, 0))
  const simulation = simulate(without)
  expect(simulation).toMatchObject({ ...whole, forwarded: 0 })
})

describe('the check of routers reports', () => {
  /** What is found of packets that the last router sends. */
  const found = (spoil: (router: Station, hops: Hops) => void): string[] => {
    const simulation = new Simulation(quiet)
    const findings = new Findings<RuleName>()
    const hops = new Hops(findings, () => 0, new Plane(quiet, simulation.stations), simulation.stations)
    spoil(must(simulation.stations.at(-1)), hops)
    return findings.list.map(({ rule }) => rule)
  }

  test('a packet of a flow that a router sends', () => {
    const bytes = new Uint8Array(32)
    const [from, to] = [addressOf(4, 0), addressOf(0, 0)]
    expect(found((router, hops) => hops.sees(router, { from, to, bytes }))).toEqual(['stateless'])
  })

  test('state of a flow that stays in a router', () => {
    expect(
      found((router, hops) => {
        hops.settle()
        must(router.host).timers.schedule(1, 1)
        hops.settle()
      }),
    ).toEqual(['stateless'])
  })
})
