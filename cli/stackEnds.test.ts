/** Commands that run stacks exit properly after errors, and when a peer or the terminal goes away. */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { must } from '../checker/text/at.ts'
import { sandbox } from './testing/startServal.ts'

const SERVICE = 'acme/thing'
const CLIENT = ['--address', '127.0.0.3:0']
const MUCH = 24 * 2 ** 20

describe.concurrent('no command mistakes a part for the whole', SLOW, () => {
  /** A download that has begun, and whose reader waits. */
  async function downloading(here: ReturnType<typeof sandbox>) {
    writeFileSync(here.path('content'), randomBytes(MUCH))
    const { started: server, via } = await here.listen(SERVICE, '--file', here.path('content'))
    const client = here.start('connect', SERVICE, '--via', via, ...CLIENT)
    client.stdin.end()
    await once(client.stdout, 'readable')
    return { server, client, via }
  }

  test('Ctrl-C at the server: the client reports a reset', async () => {
    await using here = sandbox()
    const { server, client } = await downloading(here)
    expect(await server.stop()).toBe(130)
    expect((await buffer(client.stdout)).length).toBeLessThan(MUCH)
    expect(await client.ended).toBe(1)
    expect(client.stderr).toMatch(/^serval: ECONNRESET: /m)
  })

  test('Ctrl-C at the client: the server reports it and serves the next client', async () => {
    await using here = sandbox()
    const { server, client, via } = await downloading(here)
    client.stdout.resume()
    expect(await client.stop()).toBe(130)
    await server.said(/broken \(ECONNRESET/)
    const next = await here.run(['connect', SERVICE, '--via', via, ...CLIENT])
    expect([next.status, next.stdout.length]).toEqual([0, MUCH])
  })

  test('SIGTERM ends a command as Ctrl-C does', async () => {
    await using here = sandbox()
    const { server } = await here.listen(SERVICE, '--echo').then(({ started }) => ({ server: started }))
    expect(await server.stop('SIGTERM')).toBe(130)
  })

  test('a reader that stops early ends the command without an error', async () => {
    await using here = sandbox()
    const { server, client } = await downloading(here)
    client.stdout.destroy()
    expect(await client.ended).toBe(0)
    expect(client.stderr).not.toMatch(/^serval:/m)
    await server.said(/broken \(ECONNRESET/)
  })

  test('a command that fails half-way has printed its output so far', async () => {
    await using here = sandbox()
    const { started, via } = await here.listen(SERVICE, '--exec', 'echo half; exit 3')
    const { stdout } = await here.run(['connect', SERVICE, '--via', via, ...CLIENT])
    expect(`${stdout}`).toBe('half\n')
    await started.said(/the command ended with 3/)
  })
})

describe.concurrent('errors of arguments and resources', SLOW, () => {
  /** The command line, the code and the text of its error. */
  const CASES: readonly (readonly [args: string, code: string, help: RegExp, status?: number])[] = [
    ['listen acme/x --address 192.0.2.77', 'LINK_NO_ADDRESS', /192\.0\.2\.77:54325: /],
    ['listen acme/x --address 0.0.0.0', 'LINK_NO_ADDRESS', /name each one/],
    ['connect acme/x', 'CLI_VIA', /give --via/],
    ['connect acme/x --via [::1]:9 --address 127.0.0.1:0', 'ENETUNREACH', /add one/],
    [
      'connect acme/x --via 127.0.0.1:9 --address 127.0.0.1:0 --from 127.0.0.9',
      'EADDRNOTAVAIL',
      /not one of/,
    ],
    [
      'connect acme/x --via 127.0.0.1:9 --address 127.0.0.1:0',
      'ECONNREFUSED',
      /nobody listens on the service there; start its server/,
      1,
    ],
    ['connect acme/x --via 127.0.0.1 --from wlan77', 'LINK_ADDRESS', /nor an interface/],
    ['migrate eth0 wlan0', 'CLI_NOBODY', /start one/, 1],
    ['services', 'CLI_NOBODY', /start one/, 1],
  ]

  test.for(CASES)('serval %s: %s', async ([args, code, help, status = 2]) => {
    await using here = sandbox()
    const result = await here.run(args.split(' '))
    expect(result.stderr).toMatch(new RegExp(`^serval: ${code}: .*\n$`))
    expect(result.stderr).toMatch(help)
    expect([result.status, `${result.stdout}`]).toEqual([status, ''])
  })

  test('a UDP port in use', async () => {
    await using here = sandbox()
    const { via } = await here.listen(SERVICE, '--echo')
    const { status, stderr } = await here.run(['listen', 'acme/other', '--echo', '--address', via])
    expect([status, stderr]).toEqual([2, expect.stringMatching(`^serval: LINK_IN_USE: ${via}: `)])
  })

  test('a TCP port in use', async () => {
    await using here = sandbox()
    const { via } = await here.listen(SERVICE, '--echo')
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const { status, stderr } = await here.run(['connect', SERVICE, '--via', via, '--tcp', String(port)])
    taken.close()
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/^serval: EADDRINUSE: address already in use/),
    ])
  })

  test('without --address, a busy default port is replaced by another', async () => {
    await using here = sandbox()
    const [one, two] = ['acme/one', 'acme/two'].map(name => here.start('listen', name, '--echo'))
    const places = await Promise.all(
      [must(one), must(two)].map(each => each.said(/^listening on \S+ at (\S+?)(?:,|$)/m)),
    )
    expect(new Set(places).size).toBe(2)
    const echoes = ['acme/one', 'acme/two'].map(name => here.run(['connect', name], name))
    expect((await Promise.all(echoes)).map(({ stdout }) => `${stdout}`)).toEqual(['acme/one', 'acme/two'])
  })

  test('a folder for admin sockets that other users may enter', async () => {
    await using here = sandbox()
    mkdirSync(here.path('serval'))
    chmodSync(here.path('serval'), 0o755)
    const results = await Promise.all([here.run(['listen', SERVICE, '--echo']), here.run(['flows'])])
    for (const { status, stderr } of results)
      expect([status, stderr]).toEqual([2, expect.stringMatching(/^serval: ADMIN_FOLDER: .*chmod it to 700/)])
  })

  test('a process that hangs is reported and does not delay the others', async () => {
    await using here = sandbox()
    const { started } = await here.listen(SERVICE, '--echo')
    const { started: other } = await here.listen('acme/other', '--echo')
    process.kill(started.pid, 'SIGSTOP')
    const { status, stdout, stderr } = await here.ask('services', '--json')
    expect([status, JSON.parse(stdout)]).toMatchObject([0, [{ pid: other.pid }]])
    expect(stderr).toBe(`process ${started.pid} does not answer\n`)
  })

  test('--watch refreshes the list until Ctrl-C', async () => {
    await using here = sandbox()
    await here.listen(SERVICE, '--echo')
    const watching = here.start('services', '--watch')
    let seen = ''
    while (seen.split('acme/thing').length < 4) seen += `${(await once(watching.stdout, 'data'))[0]}`
    watching.stdout.resume()
    expect(await watching.stop()).toBe(130)
  })
})
