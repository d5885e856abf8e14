/**
 * What controllers keep: records by key, each with a revision. A write names the revision that it was made from, so that
 * of two who write at once one is told to look again. docs/controllers.md compares the implementations.
 */

export interface Entry {
  /** Letters, digits, `-`, `_`, `=` and `.`. */
  readonly key: string
  /** Undefined: the key is there no more. */
  readonly value: string | undefined
  /** Grows with each write. */
  readonly revision: number
}

export interface RegistryEvents {
  /** An entry that is there, or that has changed: each key's in order, own writes included. */
  readonly entry: (entry: Entry) => void
  /** Whether the registry can be written to; told when it changes. */
  readonly reachable: (isReachable: boolean) => void
}

export interface Registry {
  /** Others may write too, and a lease has to be renewed in it for them to see. */
  readonly isShared: boolean
  /** What people read: `memory`, `nats://127.0.0.1:4222`. */
  readonly name: string
  /** Tells all entries, then resolves; from then on tells each change. Rejects with a RegistryError. */
  open(events: RegistryEvents): Promise<void>
  /** Writes over `revision` (0: the key is not there) and resolves with the new one. Rejects with a RegistryError. */
  put(key: string, value: string, revision: number): Promise<number>
  /** Rejects with a RegistryError. */
  remove(key: string, revision: number): Promise<void>
  /** Resolves when all is written, or cannot be. */
  close(): Promise<void>
}

/** Characters of a key and of a value: a record is some 400. */
export const KEY_LIMIT = 256
export const VALUE_LIMIT = 4096
export const KEY_PATTERN = /^[A-Za-z0-9_=-]+(\.[A-Za-z0-9_=-]+)*$/
