/** The transparent mode of `serval proxy`, in a network namespace, with programs that know nothing of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { haveAll } from '../checker/testing/programs.ts'
import { must } from '../checker/text/at.ts'
import { postgresForTests, startPostgres } from '../impl/byName/testing/servers.ts'
import { Namespaces, namespacesForTests } from './testing/namespaces.ts'
import { runProgram } from './testing/programs.ts'
import { type Started, sandbox } from './testing/startServal.ts'

const postgres = postgresForTests('psql does not try the transparent mode')
const PAGE = 'HTTP/1.0 200 OK\\r\\n\\r\\nby its name\\n'

/** A reset may arrive before curl knows that it is connected. */
const RESET = /reset by peer|couldn't connect/i

describe.runIf(namespacesForTests())('transparent', SLOW, () => {
  const here = sandbox()
  const net = new Namespaces()
  let proxy: Started
  const run = (...command: string[]) => {
    const [first = '', ...rest] = [...net.under('host'), ...command]
    return runProgram(first, rest)
  }

  beforeAll(async () => {
    net.add('host')
    net.resolver('host', '127.0.0.1')
    const listen = (service: string, ...args: string[]): Started =>
      here.startUnder(net.under('host'), 'listen', service, '--address', '127.0.0.1:0', ...args)
    const servers = [
      listen('acme/web', '--exec', `printf '${PAGE}'`),
      listen('acme/cache', '--tcp', '127.0.0.1:6379'),
      listen('acme/db', '--tcp', '127.0.0.1:5432'),
    ]
    await Promise.all(servers.map(server => server.said(/^listening/m)))
    proxy = here.startUnder(net.under('host'), 'proxy', '--address', '127.0.0.1:0', '--transparent', '--json')
    await proxy.said(
      /^transparent: .*127\.0\.0\.1:53 answers for \.serval with addresses of 198\.18\.0\.0\/15/m,
    )
    await proxy.said(/^PAC/m)
  }, SLOW.timeout)
  afterAll(async () => {
    await here[Symbol.asyncDispose]()
    net[Symbol.dispose]()
  })

  test.runIf(haveAll('curl does not try the transparent mode', ['curl', '--version']))(
    'curl, at any port',
    async () => {
      for (const host of ['web.acme.serval', 'web.acme.serval:8080'])
        expect(`${(await run('curl', '-sS', `http://${host}/`)).stdout}`).toBe('by its name\n')
      const none = await run('curl', '-sS', 'http://none.acme.serval/')
      expect(none.stderr).toMatch(RESET)
      expect((await run('curl', '-sS', 'http://example.com/')).stderr).toMatch(/resolve/i)
    },
  )

  test.runIf(haveAll('redis-cli does not try the transparent mode', ['redis-server', '--version']))(
    'redis-cli',
    async () => {
      const [first = '', ...under] = net.under('host')
      const redis = spawn(first, [
        ...under,
        'redis-server',
        '--port',
        '6379',
        '--save',
        '',
        '--dir',
        here.path('.'),
      ])
      try {
        for await (const line of redis.stdout) if (`${line}`.includes('eady to accept connections')) break
        expect(`${(await run('redis-cli', '-h', 'cache.acme.serval', 'set', 'name', 'serval')).stdout}`).toBe(
          'OK\n',
        )
        expect(`${(await run('redis-cli', '-h', 'cache.acme.serval', 'get', 'name')).stdout}`).toBe(
          'serval\n',
        )
      } finally {
        redis.kill('SIGKILL')
        await once(redis, 'close')
      }
    },
  )

  test.runIf(postgres !== undefined)('psql', async () => {
    await using _ = await startPostgres(must(postgres), 5432, net.under('host'))
    const args = ['-h', 'db.acme.serval', '-U', 'postgres', '-tAc', 'select 6 * 7']
    expect(await run('psql', ...args)).toMatchObject({ status: 0, stdout: Buffer.from('42\n') })
  })

  test('another host cannot use the addresses', async () => {
    net.add('other')
    net.wire('other', '10.72.1.1', 'host', '10.72.1.2')
    net.ip('other', 'route add 198.18.0.0/15 via 10.72.1.2')
    await run('curl', '-sS', 'http://web.acme.serval/')
    const [first = '', ...under] = net.under('other')
    const other = await runProgram(first, [
      ...under,
      'curl',
      '-sS',
      '--connect-timeout',
      '1',
      'http://198.18.0.1/',
    ])
    expect(other.stderr).toMatch(/timed out|timeout/i)
  })

  test('addresses that stand for nothing are reset, and after Ctrl-C nothing is redirected', async () => {
    const { stderr } = await run('curl', '-sS', 'http://198.19.1.1/')
    expect(stderr).toMatch(RESET)
    const { stdout } = await run('nft', 'list', 'ruleset')
    expect(`${stdout}`).toContain('198.18.0.0/15')
    const report = new Response(proxy.stdout as never).json()
    expect(await proxy.stop()).toBe(130)
    expect(await report).toMatchObject({ redirected: expect.any(Number), failed: { PROXY_REFUSED: 1 } })
    expect(`${(await run('nft', 'list', 'ruleset')).stdout}`).toBe('')
    expect(`${(await run('ip', 'route', 'show', 'table', 'local')).stdout}`).not.toContain('198.18')
  })
})
