/** What can go wrong with a registry. docs/controllers.md says what to do about each. */
export type RegistryCode =
  /** It does not answer, or is closed. */
  | 'REGISTRY_DOWN'
  /** Somebody else has written meanwhile: look again. */
  | 'REGISTRY_CONFLICT'
  /** The file cannot be read or written. */
  | 'REGISTRY_FILE'
  /** In the middle of the file stands what no registry has written. */
  | 'REGISTRY_DAMAGED'
  /** Another process has the file. */
  | 'REGISTRY_IN_USE'
  /** There are as many entries as may be, or one is too long. */
  | 'REGISTRY_FULL'
  /** It refuses the user, the token or the credentials. */
  | 'REGISTRY_LOGIN'
  /** The connection is not secured as one of the two ends wants. */
  | 'REGISTRY_TLS'
  /** It has too few servers for as many copies. */
  | 'REGISTRY_REPLICAS'
  /** What names a registry is neither `memory` nor an address of NATS. */
  | 'REGISTRY_NAME'

/** An error of the registries' closed set. The message says what to do. */
export class RegistryError extends Error {
  readonly code: RegistryCode

  constructor(code: RegistryCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'RegistryError'
    this.code = code
  }
}
