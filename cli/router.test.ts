/** Routers as processes of their own, between a client and a server that only know one of them. */

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { must } from '../checker/text/at.ts'
import { sandbox } from './testing/startServal.ts'

const SERVICE = 'acme/thing'

const squeezed = (line: string): string => line.replaceAll(/\s+/g, ' ').trim()
const shown = readFileSync(new URL('../docs/routers.md', import.meta.url), 'utf8')
  .split('\n')
  .map(squeezed)
const expectShown = (stdout: string): void => {
  expect(shown).toContain(squeezed(must(stdout.split('\n')[0])))
}

test(
  'routers lead a client to a service by name; resolve shows the way, and routers count packets',
  SLOW,
  async () => {
    await using here = sandbox()
    const { started: server, via } = await here.listen(SERVICE, '--echo')
    const router = async (address: string, ...args: string[]) => {
      const started = here.start('router', '--address', address, ...args)
      return { started, at: await started.said(/^forwarding at (\S+),/m) }
    }
    const far = await router('127.0.0.22:0', '--rule', `acme=via ${via}`)
    const near = await router('127.0.0.21:0', '--default', far.at, '--rule', 'acme/secret=drop')

    const bytes = randomBytes(200_000)
    const connect = (service: string) => ['connect', service, '--via', near.at, '--address', '127.0.0.3:0']
    const [result, refused, asText, asJson, dropped] = await Promise.all([
      here.run(connect(SERVICE), bytes),
      here.run(connect('acme/other'), 'x'),
      here.ask('resolve', SERVICE, '--pid', String(near.started.pid)),
      here.ask('resolve', SERVICE, '--pid', String(near.started.pid), '--json'),
      here.ask('resolve', 'acme/secret', '--pid', String(near.started.pid)),
    ])
    expect([result.status, Buffer.compare(result.stdout, bytes)]).toEqual([0, 0])
    expect(result.stderr).toMatch(/there 127\.0\.0\.1:/)
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/ECONNREFUSED/)])

    expect([asText.status, asJson.status, dropped.status]).toEqual([0, 0, 1])
    expectShown(asText.stdout)
    const ways: { hop: number; pid: number; why: string }[][] = JSON.parse(asJson.stdout).ways
    expect(ways.map(steps => steps.map(({ hop, pid, why }) => [hop, pid, why]))).toEqual([
      [
        [0, near.started.pid, `longest prefix, 0 bits; leads to process ${far.started.pid}`],
        [1, far.started.pid, `longest prefix, 32 bits; leads to process ${server.pid}`],
        [2, server.pid, 'exactly this service'],
      ],
    ])

    const [told, status] = await Promise.all([buffer(near.started.stdout), near.started.stop()])
    expect(status).toBe(130)
    expectShown(`${told}`)
    expect(squeezed(`${told}`)).toMatch(/\* 0 1 1 .*forward 127\.0\.0\.22:\d+/)
    // Two flows; on a machine that is busy, with SYNs that were repeated.
    const [, forwarded] = must(/forwarded (\d+)/.exec(squeezed(`${told}`)))
    expect(Number(forwarded)).toBeGreaterThanOrEqual(2)
    expect(await far.started.stop('SIGTERM')).toBe(130)
  },
)

test(
  'a router rejects a rule that leads to itself, and an address that the machine lacks',
  SLOW,
  async () => {
    await using here = sandbox()
    const itself = '127.0.0.24:54999'
    for (const [code, ...args] of [
      ['SERVICE_LOOP', '--address', itself, '--default', itself],
      ['LINK_NO_ADDRESS', '--address', '203.0.113.9'],
    ]) {
      const { status, stdout, stderr } = await here.run(['router', ...args])
      expect([status, `${stdout}`, stderr]).toEqual([2, '', expect.stringContaining(`serval: ${code}: `)])
    }
  },
)

test('broadcast finds a service, and a router that is a rendezvous reports as JSON', SLOW, async () => {
  await using here = sandbox()
  const middle = here.start('router', '--address', '127.0.0.25:0', '--rendezvous', '--json')
  const at = await middle.said(/^forwarding at (\S+),/m)
  const found = ['--broadcast', '127.255.255.255:54398', '--rendezvous', at]
  const server = here.start('listen', SERVICE, '--echo', '--address', '127.0.0.26:0', ...found)
  await server.said(/^listening/m)
  const client = await here.run(['connect', SERVICE, '--address', '127.0.0.27:0', ...found], 'hello')
  expect([client.status, `${client.stdout}`]).toEqual([0, 'hello'])
  expect(client.stderr).toMatch(/there 127\.0\.0\.26:/)
  const [told] = await Promise.all([buffer(middle.stdout), middle.stop()])
  const { addresses, rules, counters } = JSON.parse(`${told}`)
  expect([addresses, rules.length]).toEqual([[at], 1])
  expect(counters).toMatchObject({ forwarded: 0, notBound: 0 })
  // Both have told it where they are, and shown it.
  expect(counters.received).toBeGreaterThanOrEqual(4)
})
