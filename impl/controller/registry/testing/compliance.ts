/** The behaviour required of every registry. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry, Registry } from '../registry.ts'

/** A registry, and what it has reported. */
export class Watched {
  readonly registry: Registry
  readonly told: Entry[] = []
  readonly values = new Map<string, { value: string; revision: number }>()
  isReachable = false
  losses = 0
  #waiting: (() => void)[] = []

  constructor(registry: Registry) {
    this.registry = registry
  }

  async open(): Promise<this> {
    await this.registry.open({
      entry: entry => {
        this.told.push(entry)
        if (entry.value === undefined) this.values.delete(entry.key)
        else this.values.set(entry.key, { value: entry.value, revision: entry.revision })
        this.#wake()
      },
      lost: () => {
        this.losses++
        this.values.clear()
        this.#wake()
      },
      reachable: isReachable => {
        this.isReachable = isReachable
        this.#wake()
      },
    })
    return this
  }

  revision(key: string): number {
    return this.values.get(key)?.revision ?? 0
  }

  /** Resolves when `isSo`, which is checked after every report. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** Storage that several registries share: each registry reads what the others have written. */
export interface RegistryStore extends AsyncDisposable {
  registry(): Registry
}

const conflict = expect.objectContaining({ code: 'REGISTRY_CONFLICT' })
const down = expect.objectContaining({ code: 'REGISTRY_DOWN' })

export function registryCompliance(name: string, makeStore: () => Promise<RegistryStore>): void {
  describe(`registry: ${name}`, () => {
    test('reports writes, with growing revisions', async () => {
      await using store = await makeStore()
      const one = await new Watched(store.registry()).open()
      expect(one.isReachable).toBe(true)
      const first = await one.registry.put('a.b', 'one', 0)
      const second = await one.registry.put('a.b', 'two', first)
      expect(second).toBeGreaterThan(first)
      await one.until(() => one.values.get('a.b')?.value === 'two')
      expect(one.revision('a.b')).toBe(second)
      await one.registry.remove('a.b', second)
      await one.until(() => one.values.size === 0)
      await one.registry.close()
    })

    test('refuses a write over another revision, and changes nothing', async () => {
      await using store = await makeStore()
      const one = await new Watched(store.registry()).open()
      const first = await one.registry.put('key', 'one', 0)
      await expect(one.registry.put('key', 'again', 0)).rejects.toEqual(conflict)
      const second = await one.registry.put('key', 'two', first)
      await expect(one.registry.put('key', 'late', first)).rejects.toEqual(conflict)
      await expect(one.registry.remove('key', first)).rejects.toEqual(conflict)
      await one.until(() => one.revision('key') === second)
      expect(one.values.get('key')?.value).toBe('two')
      await one.registry.close()
    })

    test('a removed key can be written again', async () => {
      await using store = await makeStore()
      const one = await new Watched(store.registry()).open()
      const first = await one.registry.put('key', 'one', 0)
      await one.registry.remove('key', first)
      await expect(one.registry.put('key', 'late', first)).rejects.toEqual(conflict)
      const again = await one.registry.put('key', 'again', 0)
      expect(again).toBeGreaterThan(first)
      await one.until(() => one.revision('key') === again)
      await one.registry.close()
    })

    test('keeps its entries over a restart', async () => {
      await using store = await makeStore()
      const one = await new Watched(store.registry()).open()
      const revision = await one.registry.put('kept', 'value', 0)
      await one.registry.remove('gone', await one.registry.put('gone', 'value', 0))
      await one.registry.close()
      await expect(one.registry.put('kept', 'late', revision)).rejects.toEqual(down)
      const other = await new Watched(store.registry()).open()
      expect([...other.values]).toEqual([['kept', { value: 'value', revision }]])
      expect(await other.registry.put('kept', 'new', revision)).toBeGreaterThan(revision)
      await other.registry.close()
    })

    test('agrees with a map, whatever the order of writes', async () => {
      await using store = await makeStore()
      const one = await new Watched(store.registry()).open()
      const known = new Map<string, { value: string; revision: number }>()
      const write = fc.record({
        key: fc.constantFrom('a', 'b.c', 'b.d'),
        value: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
        isLate: fc.boolean(),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(write, { maxLength: 8 }), async writes => {
          for (const { key, value, isLate } of writes) {
            const now = known.get(key)?.revision ?? 0
            if (isLate || (now === 0 && value === undefined)) {
              await expect(one.registry.put(key, 'late', now + 1)).rejects.toEqual(conflict)
            } else if (value === undefined) {
              await one.registry.remove(key, now)
              known.delete(key)
            } else known.set(key, { value, revision: await one.registry.put(key, value, now) })
          }
          await one.until(() => [...known].every(([key, { revision }]) => one.revision(key) === revision))
          await one.until(() => one.values.size === known.size)
        }),
        { numRuns: 20 },
      )
      await one.registry.close()
    })
  })
}
