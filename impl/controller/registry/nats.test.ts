import { expect, test } from 'vitest'
import { SLOW } from '../../../checker/testing/limits.ts'
import { registryCompliance, Watched } from './testing/compliance.ts'
import { hasNats, NatsServer } from './testing/natsServer.ts'

if (hasNats()) {
  registryCompliance('nats', async () => {
    const server = await NatsServer.start()
    return {
      registry: () => server.registry(),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  })

  test(
    "several registries see each other's writes, and one of two concurrent writers gets a conflict",
    SLOW,
    async () => {
      await using server = await NatsServer.start()
      const one = await new Watched(server.registry()).open()
      const other = await new Watched(server.registry()).open()
      const first = await one.registry.put('key', 'one', 0)
      await other.until(() => other.revision('key') === first)
      const both = await Promise.allSettled(
        [one, other].map(({ registry }, i) => registry.put('key', `${i}`, first)),
      )
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      await one.registry.close()
      await other.registry.close()
    },
  )

  test('a server that is down is reported at start, in the middle and at the end', SLOW, async () => {
    await using server = await NatsServer.start()
    const one = await new Watched(server.registry()).open()
    const revision = await one.registry.put('key', 'one', 0)
    await server.kill()
    await one.until(() => !one.isReachable)
    await expect(one.registry.put('key', 'two', revision)).rejects.toMatchObject({ code: 'REGISTRY_DOWN' })
    await expect(new Watched(server.registry()).open()).rejects.toMatchObject({
      code: 'REGISTRY_DOWN',
    })
    await server.start()
    await one.until(() => one.isReachable)
    expect(await one.registry.put('key', 'two', revision)).toBeGreaterThan(revision)
    await one.until(() => one.values.get('key')?.value === 'two')
    await server.kill()
    await one.registry.close()
  })

  test(
    'a server that has lost its entries is reported once, before anything that it has now',
    SLOW,
    async () => {
      await using server = await NatsServer.start()
      const one = await new Watched(server.registry()).open()
      await one.registry.put('key', 'one', 0)
      await server.kill()
      server.empty()
      await server.start()
      await one.until(() => one.losses === 1 && one.isReachable)
      expect(one.values.size).toBe(0)
      await one.registry.put('key', 'anew', 0)
      await one.until(() => one.values.has('key'))
      expect(one.values.get('key')?.value).toBe('anew')
      expect(one.losses).toBe(1)
      await one.registry.close()
    },
  )
}
