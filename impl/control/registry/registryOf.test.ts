/** Registries by their names, and what real servers of NATS make of them: copies, logins, TLS. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { selfSigned } from '../../socket/testing/certificate.ts'
import { registryOf } from './registryOf.ts'
import { Watched } from './testing/compliance.ts'
import { NatsServer, natsForTests } from './testing/natsServer.ts'

/** The code of what goes wrong, or that nothing does. */
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
])('%s is refused with %s', ([name, code]) => {
  expect(() => registryOf(name!)).toThrow(expect.objectContaining({ code }))
})

test('what people see of a registry tells no password', () => {
  expect(registryOf('nats://user:secret@127.0.0.1:4222').name).toBe('nats://127.0.0.1:4222')
  expect(() => registryOf('nats://user:secret@127.0.0.1:4222?x=1')).toThrow(/^(?!.*secret)/)
})

/** How many copies the bucket has. */
async function replicas(servers: string): Promise<number> {
  const connection = await connect({ servers })
  const { streams } = await jetstreamManager(connection)
  const { config } = await streams.info('KV_serval')
  await connection.close()
  return config.num_replicas
}

if (natsForTests(process.env.CI)) {
  test('a password, or a token, is needed where a server asks for one', async () => {
    await using users = await NatsServer.start(['--user', 'me', '--pass', 'a/b'])
    expect(await opened(`nats://me:a%2Fb@${users.address}`)).toBe('opened')
    expect(await opened(`nats://me:wrong@${users.address}`)).toBe('REGISTRY_LOGIN')
    expect(await opened(`nats://${users.address}`)).toBe('REGISTRY_LOGIN')
    await using tokens = await NatsServer.start(['--auth', 't0ken'])
    expect(await opened(`nats://t0ken@${tokens.address}`)).toBe('opened')
  })

  test('a server with TLS is verified, and one without is refused where TLS is asked for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'serval-tls-'))
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
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
    rmSync(folder, { recursive: true })
  })

  test('one server keeps one copy, and cannot keep three', async () => {
    await using server = await NatsServer.start()
    expect(await opened(`nats://${server.address}?replicas=3`)).toBe('REGISTRY_REPLICAS')
    expect(await opened(`nats://${server.address}`)).toBe('opened')
    expect(await replicas(server.address)).toBe(1)
  })

  test('a cluster of three keeps three copies, also of a bucket that had one, and survives one of them', async () => {
    const servers = await NatsServer.cluster()
    const addresses = servers.map(({ address }) => address).join(',')
    // The cluster chooses its leader first.
    while ((await opened(`nats://${addresses}?replicas=1`)) !== 'opened') await wait(200)
    expect(await replicas(servers[0]!.address)).toBe(1)
    const one = await new Watched(registryOf(`nats://${addresses}`)).open()
    expect(await replicas(servers[0]!.address)).toBe(3)
    // While a leader is chosen nothing is written, or it is written and nobody says so.
    const write = async (value: string): Promise<void> => {
      while (one.values.get('key')?.value !== value) {
        await one.registry.put('key', value, one.revision('key')).catch(() => wait(200))
        await wait(20)
      }
    }
    await write('with all')
    // The one that the controller talks to: the two others go on.
    await servers[0]!.kill()
    await write('without one')
    await one.registry.close()
    for (const server of servers) await server[Symbol.asyncDispose]()
  }, 120_000)
}
