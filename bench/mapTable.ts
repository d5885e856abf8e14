/** A service table as one writes it first: for each length of prefix a Map, from its bits as text to its rules. */
import { must } from '../checker/text/at.ts'
import type { ServicePrefix } from '../impl/host/services/serviceId.ts'

interface Target {
  readonly kind: 'forward'
  readonly address: number
}

interface Entry {
  readonly target: Target
  priority: number
  weight: number
  packets: number
}

export class MapTable {
  /** Longest first. */
  #lengths: { readonly bits: number; readonly prefixes: Map<string, Entry[]> }[] = []

  add({ id, bits }: ServicePrefix, target: Target, priority: number, weight: number): void {
    let length = this.#lengths.find(one => one.bits === bits)
    if (length === undefined) {
      length = { bits, prefixes: new Map() }
      this.#lengths = [...this.#lengths, length].sort((a, b) => b.bits - a.bits)
    }
    const key = keyOf(id, 0, bits)
    const entries = length.prefixes.get(key)
    const known = entries?.find(one => one.target.address === target.address)
    if (known) {
      known.priority = priority
      known.weight = weight
    } else if (entries) entries.push({ target, priority, weight, packets: 0 })
    else length.prefixes.set(key, [{ target, priority, weight, packets: 0 }])
  }

  remove({ id, bits }: ServicePrefix, target: Target): boolean {
    const prefixes = this.#lengths.find(one => one.bits === bits)?.prefixes
    const key = keyOf(id, 0, bits)
    const entries = prefixes?.get(key)
    const index = entries?.findIndex(one => one.target.address === target.address) ?? -1
    if (index < 0) return false
    must(entries).splice(index, 1)
    if (must(entries).length === 0) must(prefixes).delete(key)
    return true
  }

  resolve(bytes: Uint8Array, pick: number, at: number): Target | undefined {
    for (const { bits, prefixes } of this.#lengths) {
      const entries = prefixes.get(keyOf(bytes, at, bits))
      const chosen = entries && choose(entries, pick)
      if (!chosen) continue
      chosen.packets++
      return chosen.target
    }
    return undefined
  }
}

/** The first `bits` bits, one character for each byte. */
function keyOf(bytes: Uint8Array, at: number, bits: number): string {
  let key = ''
  for (let left = bits, from = at; left > 0; left -= 8, from++)
    key += String.fromCharCode(
      left >= 8 ? (bytes[from] as number) : (bytes[from] as number) & (0xff00 >> left),
    )
  return key
}

function choose(entries: readonly Entry[], pick: number): Entry | undefined {
  const live = entries.filter(one => one.weight > 0)
  const highest = Math.max(...live.map(one => one.priority))
  const set = live.filter(one => one.priority === highest)
  let left = pick * set.reduce((sum, one) => sum + one.weight, 0)
  for (const one of set) {
    if (left < one.weight) return one
    left -= one.weight
  }
  return undefined
}
