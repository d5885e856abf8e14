/** Registries by name, tested with real NATS servers: copies, logins, TLS. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { SLOW } from '../../../checker/testing/limits.ts'
import { must } from '../../../checker/text/at.ts'
import { type Certified, selfSigned } from '../../sockets/testing/certificate.ts'
import { registryOf } from './registryOf.ts'
import { Watched } from './testing/compliance.ts'
import { credentials } from './testing/credentials.ts'
import { hasNats, NatsServer } from './testing/natsServer.ts'

/** Returns the error's code, or `opened`. */
async function opened(name: string): Promise<string> {
  try {
    const { registry } = await new Watched(registryOf(name)).open()
    await registry.close()
    return 'opened'
  } catch (error) {
    return (error as { code: string }).code
  }
}

test.for([
  ['redis://127.0.0.1:1', 'REGISTRY_NAME'],
  ['nats://', 'REGISTRY_NAME'],
  ['nats://127.0.0.1:4222?replicas=2', 'REGISTRY_NAME'],
  ['nats://127.0.0.1:4222?copies=3', 'REGISTRY_NAME'],
  ['nats://127.0.0.1:4222?ca=file', 'REGISTRY_NAME'],
  ['nats://a:b:c@127.0.0.1:4222', 'REGISTRY_NAME'],
  ['nats://%zz@127.0.0.1:4222', 'REGISTRY_NAME'],
  ['tls://127.0.0.1:4222?ca=/no/such/file', 'REGISTRY_FILE'],
])('%s is rejected with %s', ([name, code]) => {
  expect(() => registryOf(must(name))).toThrow(expect.objectContaining({ code }))
})

test('a file with the wrong content is rejected', () => {
  using files = folder()
  const text = files.file('text', 'no credentials, and no certificate')
  const creds = files.file('creds', credentials().known.replace(/^S\w+$/m, 'SU'))
  for (const file of [text, creds])
    expect(() => registryOf(`nats://127.0.0.1:4222?creds=${file}`)).toThrow('REGISTRY_FILE')
  for (const option of ['ca', 'cert', 'key'])
    expect(() => registryOf(`tls://127.0.0.1:4222?${option}=${text}`)).toThrow('REGISTRY_FILE')
  const [cert, key] = [files.file('cert', selfSigned().cert), files.file('key', selfSigned().key)]
  expect(() => registryOf(`tls://127.0.0.1:4222?cert=${cert}&key=${key}`)).toThrow('REGISTRY_FILE')
})

test('the displayed name of a registry contains no password', () => {
  expect(registryOf('nats://user:secret@127.0.0.1:4222').name).toBe('nats://127.0.0.1:4222')
  expect(() => registryOf('nats://user:secret@127.0.0.1:4222?x=1')).toThrow(/^(?!.*secret)/)
})

/** A temporary folder, removed at the end of the `using` block. */
function folder() {
  const path = mkdtempSync(join(tmpdir(), 'serval-nats-'))
  return {
    file(name: string, text: string): string {
      writeFileSync(join(path, name), text)
      return join(path, name)
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  }
}

/** Returns the number of the bucket's copies. */
async function replicas(servers: string): Promise<number> {
  const connection = await connect({ servers })
  const { streams } = await jetstreamManager(connection)
  const { config } = await streams.info('KV_serval')
  await connection.close()
  return config.num_replicas
}

if (hasNats()) {
  test('a server may require a password or a token', SLOW, async () => {
    await using users = await NatsServer.start(['--user', 'me', '--pass', 'a/b'])
    expect(await opened(`nats://me:a%2Fb@${users.address}`)).toBe('opened')
    expect(await opened(`nats://me:wrong@${users.address}`)).toBe('REGISTRY_LOGIN')
    expect(await opened(`nats://${users.address}`)).toBe('REGISTRY_LOGIN')
    await using tokens = await NatsServer.start(['--auth', 't0ken'])
    expect(await opened(`nats://t0ken@${tokens.address}`)).toBe('opened')
  })

  test('a TLS server is verified, and a server without TLS is refused if TLS is required', SLOW, async () => {
    using files = folder()
    const { file } = files
    const [one, other] = [selfSigned(), selfSigned()]
    const [cert, key] = [file('cert', one.cert), file('key', one.key)]
    const wrong = file('other', other.cert)
    await using secure = await NatsServer.start(['--tls', '--tlscert', cert, '--tlskey', key])
    await using plain = await NatsServer.start()
    expect(await opened(`tls://localhost:${secure.port}?ca=${cert}`)).toBe('opened')
    expect(await opened(`tls://localhost:${secure.port}`)).toBe('REGISTRY_TLS')
    expect(await opened(`tls://localhost:${secure.port}?ca=${wrong}`)).toBe('REGISTRY_TLS')
    expect(await opened(`tls://127.0.0.1:${secure.port}?ca=${cert}`)).toBe('REGISTRY_TLS')
    expect(await opened(`tls://${plain.address}`)).toBe('REGISTRY_TLS')
    expect(await opened(`nats://${secure.address}`)).toBe('REGISTRY_TLS')
  })

  test('a server that requires a certificate gets it, also with a password', SLOW, async () => {
    using files = folder()
    const { file } = files
    const [own, client, other] = [selfSigned(), selfSigned(), selfSigned()]
    const [ca, key] = [file('cert', own.cert), file('key', own.key)]
    const of = ({ cert, key }: Certified, name: string): string =>
      `ca=${ca}&cert=${file(`${name}.cert`, cert)}&key=${file(`${name}.key`, key)}`
    await using server = await NatsServer.start([
      ...['--tlsverify', '--tlscert', ca, '--tlskey', key, '--tlscacert', file('clients', client.cert)],
      ...['--user', 'me', '--pass', 'secret'],
    ])
    const at = `localhost:${server.port}`
    expect(await opened(`tls://me:secret@${at}?${of(client, 'client')}`)).toBe('opened')
    expect(await opened(`tls://me:wrong@${at}?${of(client, 'client')}`)).toBe('REGISTRY_LOGIN')
    // The server disconnects after the handshake, without a reason that the client reports.
    const refused = registryOf(`tls://me:secret@${at}?${of(other, 'other')}`)
    await expect(new Watched(refused).open()).rejects.toThrow(/^REGISTRY_DOWN: .*'cert' and 'key'/)
  })

  test('a credentials file identifies the controller to a server that knows the account', SLOW, async () => {
    using files = folder()
    const { config, known, unknown } = credentials()
    await using server = await NatsServer.start(['-c', files.file('config', config)])
    const [right, wrong] = [files.file('right.creds', known), files.file('wrong.creds', unknown)]
    expect(await opened(`nats://${server.address}?creds=${right}`)).toBe('opened')
    expect(await opened(`nats://${server.address}?creds=${wrong}`)).toBe('REGISTRY_LOGIN')
    expect(await opened(`nats://${server.address}`)).toBe('REGISTRY_LOGIN')
  })

  test('one server keeps one copy, and cannot keep three', SLOW, async () => {
    await using server = await NatsServer.start()
    expect(await opened(`nats://${server.address}?replicas=3`)).toBe('REGISTRY_REPLICAS')
    expect(await opened(`nats://${server.address}`)).toBe('opened')
    expect(await replicas(server.address)).toBe(1)
  })

  test(
    'a cluster of three keeps three copies, also of an existing bucket with one, and survives the loss of a server',
    SLOW,
    async () => {
      const servers = await NatsServer.cluster()
      const addresses = servers.map(({ address }) => address).join(',')
      // The cluster first has to choose a leader.
      while ((await opened(`nats://${addresses}?replicas=1`)) !== 'opened') await wait(200)
      expect(await replicas(must(servers[0]).address)).toBe(1)
      const one = await new Watched(registryOf(`nats://${addresses}`)).open()
      expect(await replicas(must(servers[0]).address)).toBe(3)
      // During an election, writes fail or remain unconfirmed.
      const write = async (value: string): Promise<void> => {
        while (one.values.get('key')?.value !== value) {
          await one.registry.put('key', value, one.revision('key')).catch(() => wait(200))
          await wait(20)
        }
      }
      await write('with all')
      // Kills the controller's server; the other two continue.
      await must(servers[0]).kill()
      await write('without one')
      await one.registry.close()
      for (const server of servers) await server[Symbol.asyncDispose]()
    },
  )
}
