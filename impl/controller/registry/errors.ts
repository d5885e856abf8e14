/** What can go wrong with a registry. docs/controllers.md says what to do about each. */
export type RegistryCode =
  /** The registry does not answer, or is closed. Start it; the controller reconnects by itself. */
  | 'REGISTRY_DOWN'
  /** Another controller wrote the entry first. Read it again; the controller does so by itself. */
  | 'REGISTRY_CONFLICT'
  /**
   * A file cannot be read or written, or has the wrong kind of content.
   * Correct its path, permissions or content.
   */
  | 'REGISTRY_FILE'
  /** The journal contains what no registry wrote. Move the file away; hosts register again. */
  | 'REGISTRY_DAMAGED'
  /** Another process uses the file. Stop it, or give another file. */
  | 'REGISTRY_IN_USE'
  /**
   * The registry holds its maximum, or an entry is too long.
   * Unregister some services, or raise the limit.
   */
  | 'REGISTRY_FULL'
  /** The registry rejects the user, token or credentials. Correct them in the registry's URL. */
  | 'REGISTRY_LOGIN'
  /**
   * One end requires TLS and the other does not, or a certificate is not valid.
   * Give `tls://`, `ca`, `cert` or `key`.
   */
  | 'REGISTRY_TLS'
  /** The cluster has too few servers for that many replicas. Lower `replicas`, or add servers. */
  | 'REGISTRY_REPLICAS'
  /** The registry is neither `memory` nor a NATS URL. Correct `--registry`. */
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
