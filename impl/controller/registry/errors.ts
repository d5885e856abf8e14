import { CodedError, type ErrorTable } from '../../../checker/text/errors.ts'

/** Errors of registries. */
export const REGISTRY_ERRORS = {
  REGISTRY_DOWN: [
    'The registry does not answer, or is closed.',
    'Start it with JetStream; the controller reconnects by itself.',
  ],
  REGISTRY_CONFLICT: [
    'Another controller wrote the entry first.',
    'Read it again; the controller does so by itself.',
  ],
  REGISTRY_FILE: [
    'A file cannot be read or written, or has the wrong kind of content.',
    'Correct its path, permissions or content.',
  ],
  REGISTRY_DAMAGED: [
    'The journal contains what no registry wrote.',
    'Move the file away; hosts register again.',
  ],
  REGISTRY_IN_USE: ['Another process uses the file.', 'Stop it, or give another file.'],
  REGISTRY_FULL: [
    'The registry holds its maximum, or an entry is too long.',
    'Unregister some services, or raise the limit.',
  ],
  REGISTRY_LOGIN: [
    'The registry refuses the user, token or credentials.',
    "Correct them in the registry's URL, or the file of `creds`.",
  ],
  REGISTRY_TLS: [
    'One end requires TLS and the other does not, or a certificate is not valid.',
    'Write `tls://` for servers with TLS, and give `ca`, `cert` or `key`.',
  ],
  REGISTRY_REPLICAS: [
    'The cluster has too few servers for that many replicas.',
    'Lower `replicas`, or start more servers.',
  ],
  REGISTRY_NAME: [
    'The registry is neither `memory` nor a NATS URL.',
    'Write `memory`, `nats://HOST:PORT` or `tls://HOST:PORT`.',
  ],
} as const satisfies ErrorTable

export type RegistryCode = keyof typeof REGISTRY_ERRORS

/** An error of the registries' closed set. The message says what to do. */
export class RegistryError extends CodedError<RegistryCode> {
  override readonly name = 'RegistryError'
}
