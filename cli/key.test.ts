/** `serval key`, and a controller, a host with a grant and one without as real processes. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { selfSigned } from '../impl/sockets/testing/certificate.ts'
import { sandbox } from './testing/startServal.ts'

/** The first line of what a command prints. */
const first = (text: string): string => text.slice(0, text.indexOf('\n'))

test('a name belongs to a key: a host with a grant of the key offers it, and no other', SLOW, async () => {
  await using here = sandbox()
  const [owner, key] = [here.path('owner.key'), here.path('web.key')]
  const [grant, file] = [here.path('web.grant'), here.path('authority.yaml')]
  const ownerKey = first((await here.ask('key', 'new', owner)).stdout)
  const webKey = first((await here.ask('key', 'new', key)).stdout)
  const sign = async (...more: string[]) =>
    writeFileSync(grant, (await here.ask('key', 'sign', owner, 'acme/web', webKey, ...more)).stdout)
  await sign('--for', '1h')
  expect((await here.ask('key', 'show', key)).stdout).toBe(`${webKey}\n`)
  expect((await here.ask('key', 'show', grant)).stdout).toContain(`lets ${webKey} register acme/web/* until `)
  writeFileSync(here.path('bad.grant'), `${readFileSync(grant, 'utf8')}bad\n`)
  expect((await here.ask('key', 'show', here.path('bad.grant'))).stderr).toContain('line 3 of ')
  writeFileSync(file, `keys:\n  acme/*: [${ownerKey}]\n`)
  const controller = here.start(
    'controller',
    '--address',
    '127.0.6.1:0',
    '--file',
    here.path('j'),
    '--authority',
    file,
  )
  const at = await controller.said(/^controller at ([\d.:]+)/m)
  const offer = (address: string, ...more: string[]) =>
    here.start('listen', 'acme/web', '--address', address, '--controller', at, '--echo', ...more)
  const web = offer('127.0.6.2:0', '--key', key, '--grant', grant, '--lease', '1s')
  await web.said(/^registered acme\/web/m)
  const stranger = offer('127.0.6.3:0')
  expect(await stranger.ended).toBe(2)
  expect(stranger.stderr).toContain(`CONTROLLER_OWNER: 'acme/web' belongs to ${ownerKey}`)
  await controller.said(/^denied 127\.0\.6\.3: CONTROLLER_OWNER/m)

  // The command reads a newer grant by itself, and the controller its file on SIGHUP.
  await sign('--for', '2h')
  await web.said(/^the grants have changed/m)
  writeFileSync(file, 'keys:\n  acme/*: [ed25519:abc]\n')
  process.kill(controller.pid, 'SIGHUP')
  await controller.said(/authority\.yaml:2:3: keys\.acme\/\*: CONTROLLER_KEYS: .*; the files before go on/)
  writeFileSync(file, '{}')
  process.kill(controller.pid, 'SIGHUP')
  await controller.said(/^the files of the authority .* are in use/m)
  await offer('127.0.6.3:0').said(/^registered acme\/web/m)
})

test('services of one process have their own keys and grants, and a file that loses them', SLOW, async () => {
  await using here = sandbox()
  const [owner, key] = [here.path('owner.key'), here.path('web.key')]
  const [grant, file, services] = [
    here.path('web.grant'),
    here.path('authority.yaml'),
    here.path('services.yaml'),
  ]
  const ownerKey = first((await here.ask('key', 'new', owner)).stdout)
  const webKey = first((await here.ask('key', 'new', key)).stdout)
  writeFileSync(grant, (await here.ask('key', 'sign', owner, 'acme/web', webKey)).stdout)
  writeFileSync(file, `keys: { acme/*: [${ownerKey}] }\n`)
  const controller = here.start(
    'controller',
    '--address',
    '127.0.6.8:0',
    '--file',
    here.path('j'),
    '--authority',
    file,
  )
  const at = await controller.said(/^controller at ([\d.:]+)/m)
  const put = (web: string): void =>
    writeFileSync(
      services,
      `addresses: ['127.0.6.9:0']\ncontrollers: ['${at}']\nservices: { lab/a: { echo: true }, acme/web: { echo: true${web} } }\n`,
    )
  put(', key: web.key, grant: web.grant')
  const up = here.start('up', services)
  await controller.said(/^acme\/web: 1 instance/m)
  put('')
  process.kill(up.pid, 'SIGHUP')
  await controller.said(/^denied 127\.0\.6\.9: CONTROLLER_OWNER: .*the host has no key/m)
  expect(await up.said(/^the controller refuses: (\w+): 'acme\/web'/m)).toBe('CONTROLLER_OWNER')
})

test('a controller with a certificate lets in a host with a token, over TLS alone', SLOW, async () => {
  await using here = sandbox()
  const { cert, key } = selfSigned('controller.serval')
  const [certFile, keyFile, token] = [here.path('c.pem'), here.path('c.key'), here.path('edge.token')]
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key)
  const hash = first((await here.ask('key', 'token', token)).stdout)
  const file = here.path('authority.yaml')
  writeFileSync(
    file,
    `tokens:\n  edge: ${hash}\naccess:\n  lab/*: { register: [10.0.0.0/8], resolve: [edge] }\n`,
  )
  const files = ['--authority', file, '--tls-cert', certFile, '--tls-key', keyFile, '--file', here.path('j')]
  const controller = here.start('controller', '--address', '127.0.6.5:0', ...files)
  const at = await controller.said(/^controller at ([\d.:]+)/m)
  const host = (...more: string[]) =>
    here.start('listen', 'acme/web', '--address', '127.0.6.6:0', '--echo', ...more)
  const secure = `tls://${at}?ca=${certFile}`
  await host('--controller', `${secure}&token=${token}`).said(/^registered acme\/web/m)
  expect((await here.ask('services', '--via', `${secure}&token=${token}`)).stdout).toContain('acme/web')
  expect((await here.ask('top', '--once')).stderr).toContain(`give --via 'tls://${at}?ca=FILE&token=FILE'`)
  const lab = ['--address', '127.0.6.7:0', '--echo', '--controller', `${secure}&token=${token}`]
  const barred = here.start('listen', 'lab/web', ...lab)
  expect(await barred.ended).toBe(2)
  expect(barred.stderr).toContain(
    "CONTROLLER_ACCESS: the list of 'lab/*' does not let this host register 'lab/web'",
  )
  const without = host('--controller', secure)
  expect(await without.ended).toBe(2)
  expect(without.stderr).toContain('CONTROLLER_TOKEN: this controller wants a token')
  await controller.said(/^denied 127\.0\.6\.6: CONTROLLER_TOKEN/m)
  await host('--controller', at).said(/^the controller refuses: CONTROLLER_TLS: this controller wants TLS/m)
  const plain = await here.ask('services', '--via', `192.0.2.1?token=${token}`)
  expect(plain).toMatchObject({ status: 2, stderr: expect.stringContaining('CONTROLLER_TLS: the token for') })
  expect(controller.stderr + without.stderr).not.toContain(readFileSync(token, 'utf8').trim())
})

test('keys and grants are made, shown and checked', SLOW, async () => {
  await using here = sandbox()
  const [owner, team, host] = [here.path('owner.key'), here.path('team.key'), here.path('host.key')]
  const key = async (...args: string[]) => await here.ask('key', ...args)
  for (const file of [owner, team, host]) expect((await key('new', file)).status).toBe(0)
  expect(statSync(owner).mode & 0o777).toBe(0o600)
  const before = readFileSync(owner, 'utf8')
  expect(await key('new', owner)).toMatchObject({ status: 2, stderr: expect.stringContaining('CLI_WRITE') })
  expect(readFileSync(owner, 'utf8')).toBe(before)
  const publicOf = async (file: string) => first((await key('show', file)).stdout)
  const [ownerKey, teamKey, hostKey] = [await publicOf(owner), await publicOf(team), await publicOf(host)]
  const grant = here.path('team.grant')
  writeFileSync(grant, (await key('sign', owner, 'acme', teamKey, '--for', '7d')).stdout)
  const passed = here.path('host.grant')
  writeFileSync(passed, (await key('sign', team, 'acme/web', hostKey, '--grant', grant)).stdout)
  const shown = (await key('show', passed)).stdout
  expect(shown).toContain(`${ownerKey} lets ${teamKey} register`)
  expect(shown).toContain(`${teamKey} lets ${hostKey} register`)
  for (const [args, code] of [
    [['sign', owner, 'acme/web', 'ed25519:abc'], 'CLI_GRANT'],
    [['sign', team, 'lab/web', hostKey, '--grant', grant], 'CLI_GRANT'],
    [['sign', host, 'acme/web', hostKey, '--grant', grant], 'CLI_GRANT'],
    [['sign', owner, 'acme//web', hostKey], 'SERVICE_NAME'],
    [['sign', owner, 'acme/web', hostKey, '--for', '400d'], 'CLI_NUMBER'],
    [['sign', grant, 'acme/web', hostKey], 'CLI_KEY'],
    [['show', here.path('none')], 'CLI_READ'],
  ] as const)
    expect(await key(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(`${code}: `) })
})
