import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { MemoryRegistry } from './registry/memory.ts'
import { Plane, serve } from './testing/plane.ts'

/** A registry that takes its time for each change, one after the other. */
class SlowRegistry extends MemoryRegistry {
  slowMs = 0
  #last: Promise<unknown> = Promise.resolve()

  override async put(key: string, value: string, revision: number): Promise<number> {
    this.#last = this.#last.then(() => wait(this.slowMs))
    await this.#last
    return super.put(key, value, revision)
  }
}

test('a host leaves no service behind, however long the registry takes', SLOW, async () => {
  await using plane = new Plane()
  const registry = new SlowRegistry()
  const controller = await plane.controller({ registry })
  const host = await plane.host([controller.at])
  for (const name of ['a', 'b', 'c', 'd', 'e']) await serve(host, `acme/${name}`, name)
  registry.slowMs = 400
  await host.agent.close()
  expect(controller.list().map(({ service }) => service)).toEqual([])
})
