/**
 * The storage of controllers: records by key, each with a revision. A write names the revision that it replaces, so
 * that one of two concurrent writers gets a conflict. docs/controllers.md compares the implementations.
 */

export interface Entry {
  /** Letters, digits, `-`, `_`, `=` and `.`. */
  readonly key: string
  /** Undefined if the key was removed. */
  readonly value: string | undefined
  /** Grows with each write. */
  readonly revision: number
}

export interface RegistryEvents {
  /** Reports an existing or changed entry: in order for each key, including own writes. */
  readonly entry: (entry: Entry) => void
  /** Reports that all entries are lost: other writes have their revisions. The remaining ones follow. */
  readonly lost: () => void
  /** Reports changes of whether the registry can be written to. */
  readonly reachable: (isReachable: boolean) => void
}

/** Stores the entries of controllers. */
export interface Registry {
  /** True if other controllers write too; leases must then be renewed in it. */
  readonly isShared: boolean
  /** For people: `memory`, `nats://127.0.0.1:4222`. */
  readonly name: string
  /** Reports all entries, then resolves; afterwards reports each change. Rejects with a RegistryError. */
  open(events: RegistryEvents): Promise<void>
  /** Replaces `revision` (0: no entry) and resolves to the new one. Rejects with a RegistryError. */
  put(key: string, value: string, revision: number): Promise<number>
  /** Rejects with a RegistryError. */
  remove(key: string, revision: number): Promise<void>
  /** Resolves when everything is written, or cannot be. */
  close(): Promise<void>
}

/** The longest key and value in characters: a record has about 400. */
export const KEY_LIMIT = 256
export const VALUE_LIMIT = 4096
export const KEY_PATTERN = /^[A-Za-z0-9_=-]+(\.[A-Za-z0-9_=-]+)*$/
