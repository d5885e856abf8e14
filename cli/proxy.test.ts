/** `serval proxy` with the programs that people use: curl, git, ssh and a browser. */
import { execFileSync } from 'node:child_process'
import { hash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { haveAll, optionalProgram } from '../checker/testing/programs.ts'
import { must } from '../checker/text/at.ts'
import { postgresForTests, startPostgres } from '../impl/byName/testing/servers.ts'
import { freePort } from '../impl/link/testing/freePort.ts'
import { deferred } from '../impl/sockets/deferred.ts'
import { runProgram } from './testing/programs.ts'
import { runServal } from './testing/runServal.ts'
import { type Started, sandbox } from './testing/startServal.ts'

const BIG = randomBytes(16 * 2 ** 20)
const HALF = BIG.length / 2
/** The client has moved: the second half of BIG may follow. */
const moved = deferred<void>()

const PATIENT = { timeout: SLOW.timeout, interval: 20 }

const here = sandbox()

const web = createServer(async (request, response) => {
  const { url = '', headers } = request
  if (url === '/big') {
    response.writeHead(200, { 'content-length': BIG.length })
    response.write(BIG.subarray(0, HALF))
    await moved.promise
    response.end(BIG.subarray(HALF))
  } else if (url === '/page') {
    response.setHeader('content-type', 'text/html')
    response.end(`<title>Served</title><p>by ${headers.host}`)
  } else if (url.startsWith('/git/')) serveFile(here.path(url.slice(1).split('?')[0] as string), response)
  else response.end(`${headers.host} ${url}`)
})

function serveFile(path: string, response: NodeJS.WritableStream & { statusCode: number }): void {
  if (existsSync(path)) createReadStream(path).pipe(response)
  else {
    response.statusCode = 404
    response.end()
  }
}

let proxy: Started
let at: string
beforeAll(async () => {
  web.listen(0, '127.0.0.1')
  await once(web, 'listening')
  await here.listen('acme/web', '--tcp', `127.0.0.1:${(web.address() as AddressInfo).port}`)
  proxy = here.start(
    ...['proxy', '--tcp', '127.0.0.1:0', '--address', '127.0.0.3:0', '--address', '127.0.0.4:0', '--json'],
  )
  at = await proxy.said(/^proxy at (\S+) /m)
}, SLOW.timeout)

afterAll(async () => {
  web.close()
  web.closeAllConnections()
  await here[Symbol.asyncDispose]()
})

const curl = (...args: string[]) => runProgram('curl', ['--silent', '--show-error', '--noproxy', '', ...args])

describe.runIf(haveAll('no download runs through the proxy', ['curl', '--version']))('curl', SLOW, () => {
  test.for([
    ['SOCKS5', '--socks5-hostname'],
    ['HTTP', '--proxy'],
    ['HTTP with CONNECT', '--proxytunnel', '--proxy'],
  ])('over %s', async ([, ...flags]) => {
    const { stdout } = await curl(...flags, at, 'http://web.acme.serval/one', 'http://web.acme.serval/two')
    expect(`${stdout}`).toBe('web.acme.serval /oneweb.acme.serval /two')
  })

  test('explains a service that nobody offers', async () => {
    const [http, socks] = await Promise.all([
      curl('--proxy', at, '--include', 'http://none.acme.serval/'),
      curl('--socks5-hostname', at, 'http://none.acme.serval/'),
    ])
    expect(`${http.stdout}`).toMatch(/^HTTP\/1.1 502 [\s\S]*^ENOTFOUND: acme\/none: .*--via/m)
    // curl names the reply: 4 means that the host is not reachable.
    expect([socks.status, socks.stderr]).toEqual([97, expect.stringContaining('(4)')])
  })

  test('a download through the proxy arrives whole, although the client moves meanwhile', async () => {
    const file = here.path('download')
    const download = curl('--socks5-hostname', at, '--output', file, 'http://web.acme.serval/big')
    await vi.waitFor(() => expect(statSync(file).size).toBeGreaterThan(0), PATIENT)
    const pid = String(proxy.pid)
    const { stdout } = await here.ask('migrate', '127.0.0.3', '127.0.0.4', '--pid', pid)
    expect(`${stdout}`).toMatch(/(\d+) of \1 moved/)
    const flows = JSON.parse((await here.ask('flows', '--pid', pid, '--json')).stdout)
    expect(flows.map(({ local }: { local: string }) => local.split(':')[0])).toContain('127.0.0.4')
    moved.resolve()
    expect((await download).status).toBe(0)
    expect(hash('sha256', readFileSync(file))).toBe(hash('sha256', BIG))
  })
})

/** Makes a repository with one commit, which a web server can offer as files. */
function makeRepository(): string {
  const [work, bare] = [here.path('work'), here.path('git/repo.git')]
  mkdirSync(work)
  writeFileSync(`${work}/file`, 'under version control')
  const git = (...args: string[]) => execFileSync('git', args, { cwd: work, stdio: 'ignore' })
  git('init')
  git('add', '.')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-m', 'first')
  git('clone', '--bare', work, bare)
  execFileSync('git', ['update-server-info'], { cwd: bare })
  return bare
}

const GIT = { GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' }

describe.runIf(haveAll('nothing is cloned', ['git', '--version']))('git', SLOW, () => {
  test('clones over HTTP, through either protocol', async () => {
    makeRepository()
    for (const [name, by] of Object.entries({ a: `http://${at}`, b: `socks5h://${at}` })) {
      const to = here.path(name)
      const args = ['-c', `http.proxy=${by}`, 'clone', 'http://web.acme.serval/git/repo.git', to]
      expect(await runProgram('git', args, GIT)).toMatchObject({ status: 0 })
      expect(readFileSync(`${to}/file`, 'utf8')).toBe('under version control')
    }
  })
})

const SSHD = '/usr/sbin/sshd'
const hasSsh = haveAll(
  'nobody logs in through the proxy',
  ['ssh', '-V'],
  [SSHD, '-V'],
  ['nc', '-h'],
  ['git', '--version'],
)

describe.runIf(hasSsh)('ssh', SLOW, () => {
  test('a ProxyCommand reaches the service: nc with the proxy, or serval connect; git clones over it', async () => {
    for (const key of ['host', 'user'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', here.path(key)])
    const settings = {
      ...{ HostKey: here.path('host'), AuthorizedKeysFile: here.path('user.pub') },
      ...{ StrictModes: 'no', UsePAM: 'no', PidFile: 'none', PermitRootLogin: 'yes' },
    }
    const config = here.path('sshd_config')
    writeFileSync(
      config,
      Object.entries(settings)
        .map(pair => `${pair.join(' ')}\n`)
        .join(''),
    )
    // As root it needs this folder, which the system's own service would make.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
    const { username } = userInfo()
    await here.listen('acme/shell', '--exec', `${SSHD} -i -f ${config}`)
    const serval = `${process.execPath} ${fileURLToPath(new URL('serval.js', import.meta.url))}`
    const plain = `-F none -i ${here.path('user')} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`
    const ways = [`nc -X 5 -x ${at} %h %p`, `nc -X connect -x ${at} %h %p`, `${serval} connect acme/shell`]
    for (const way of ways) {
      const args = [
        ...plain.split(' '),
        '-o',
        `ProxyCommand=${way}`,
        `${username}@shell.acme.serval`,
        'echo here',
      ]
      const ran = await runProgram('ssh', args, { XDG_RUNTIME_DIR: here.path('.') })
      expect([ran.status, `${ran.stdout}`], ran.stderr).toEqual([0, 'here\n'])
    }
    const bare = existsSync(here.path('git/repo.git')) ? here.path('git/repo.git') : makeRepository()
    const ssh = { ...GIT, GIT_SSH_COMMAND: `ssh ${plain} -o "ProxyCommand=${ways[0]}"` }
    const ran = await runProgram(
      'git',
      ['clone', `ssh://${username}@shell.acme.serval${bare}`, here.path('c')],
      ssh,
    )
    expect(ran.status, ran.stderr).toBe(0)
    expect(readFileSync(here.path('c/file'), 'utf8')).toBe('under version control')
  })
})

const postgres = postgresForTests('psql reaches no service')

describe.runIf(postgres !== undefined)('psql', SLOW, () => {
  test('connects through serval connect --tcp', async () => {
    await using server = await startPostgres(must(postgres), await freePort())
    await here.listen('acme/db', '--tcp', `127.0.0.1:${server.port}`)
    const client = here.start('connect', 'acme/db', '--tcp', '127.0.0.1:0', '--address', '127.0.0.1:0')
    const [host = '', port = ''] = (await client.said(/accepting TCP at (\S+)/)).split(':')
    const ran = await runProgram('psql', ['-h', host, '-p', port, '-U', 'postgres', '-tAc', 'select 6 * 7'])
    expect([ran.status, `${ran.stdout}`], ran.stderr).toEqual([0, '42\n'])
  })
})

const chromium = optionalProgram(
  ['chromium', 'chromium-browser', 'google-chrome'],
  '--version',
  'no browser reads the PAC file',
)

describe.runIf(chromium !== undefined)('a browser', SLOW, () => {
  test('reaches a page by name with the PAC file', async () => {
    const { stdout } = await runProgram(chromium as string, [
      ...['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${here.path('profile')}`],
      ...[`--proxy-pac-url=http://${at}/proxy.pac`, '--dump-dom', 'http://web.acme.serval/page'],
    ])
    expect(`${stdout}`).toContain('<p>by web.acme.serval')
  })
})

describe('the command', SLOW, () => {
  test('says where it is and what it does, and reports on Ctrl-C', async () => {
    expect(proxy.stderr).toContain(`PAC file for browsers: http://${at}/proxy.pac`)
    expect(proxy.stderr).not.toContain('warning')
    const other = here.start('proxy', '--tcp', '127.0.0.1:0', '--via', '127.0.0.1:9', '--suffix', 'home')
    const there = await other.said(/^proxy at (\S+) for SOCKS5 and HTTP: web\.acme\.home is acme\/web/m)
    expect((await fetch(`http://${there}/proxy.pac`)).status).toBe(200)
    const asText = await other.stop()
    expect(asText).toBe(130)
    const { status, stderr } = await here.run(['proxy', '--tcp', at])
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^serval: EADDRINUSE: /m)])
    const report = new Response(proxy.stdout as never).text()
    expect(await proxy.stop()).toBe(130)
    expect(JSON.parse(await report)).toMatchObject({ open: 0, failed: expect.any(Object) })
  })

  test('warns when others can reach it', async () => {
    const started = here.start('proxy', '--tcp', '0.0.0.0:0', '--via', '127.0.0.1:9', '--direct')
    expect(await started.said(/warning: (anyone who reaches) 0\.0\.0\.0:\d+ can use this proxy/)).toBeTruthy()
  })

  test.for([
    ['--suffix', 'a b', 'CLI_SUFFIX'],
    ['--tcp', 'nowhere', 'CLI_ENDPOINT'],
    ['--connections', '0', 'CLI_NUMBER'],
  ])('rejects %s %s', async ([option, value, code]) => {
    const { status, stderr } = await runServal(['proxy', option as string, value as string])
    expect([status, stderr]).toEqual([2, expect.stringMatching(new RegExp(`^serval: ${code}: `, 'm'))])
  })
})
