/** Reads a controller's files of authority and its certificate, at its start and on SIGHUP. */
import { Latest } from '../../checker/text/latest.ts'
import {
  Authority,
  type Controller,
  type ControllerOptions,
  type PlaneError,
} from '../../impl/controller/index.ts'
import { contextOf } from '../../impl/controller/secure.ts'
import { RateLimit } from '../../impl/host/paths/rateLimit.ts'
import { CliError } from '../errors.ts'
import { readText } from '../files.ts'
import { count } from '../screen.ts'
import { onHangup } from '../stack/hangup.ts'
import { say } from '../stack/say.ts'
import { readAuthority } from './settings.ts'

export interface SecurityFiles {
  readonly authority?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
}

export type Security = Pick<ControllerOptions, 'authority' | 'tls'>

/** Different denials that are remembered, so that each is reported once. */
const DENIALS_KEPT = 256
/** Strangers choose what is denied, and must not fill the log. */
const DENIALS_PER_SECOND = 1
const DENIALS_AT_ONCE = 20

/**
 * Returns a reader of the files that the options name; undefined if they name none. It throws CLI_READ, CLI_SETTINGS and
 * CONTROLLER_FILE. Throws CLI_USAGE.
 */
export function securityOf({ authority, tlsCert, tlsKey }: SecurityFiles): (() => Security) | undefined {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new CliError('CLI_USAGE', '--tls-cert and --tls-key belong together; give both')
  if (authority === undefined && tlsCert === undefined) return undefined
  return () => ({
    ...(authority !== undefined && { authority: readAuthority(authority) }),
    ...(tlsCert !== undefined && tlsKey !== undefined && { tls: tlsIn(tlsCert, tlsKey) }),
  })
}

function tlsIn(certFile: string, keyFile: string) {
  const tls = { cert: readText(certFile), key: readText(keyFile) }
  contextOf(tls)
  return tls
}

/** Reads the files again on SIGHUP, until the signal. Faulty files change nothing. */
export function secureOnHangup(controller: Controller, files: () => Security, signal: AbortSignal): void {
  const read = async (): Promise<string> => {
    const { authority = new Authority(), tls } = files()
    controller.door.secure(tls)
    controller.authorize(authority)
    return 'the files of the authority and the certificate are in use'
  }
  onHangup(read, 'the files before', signal)
}

/** Returns a reporter that says each denial of the authority once, and again after many others. It leaves out those of a flood. */
export function denials(now: () => number = Date.now): (address: string, why: PlaneError) => void {
  const said = new Latest<string, true>(DENIALS_KEPT)
  const limit = new RateLimit(DENIALS_PER_SECOND, DENIALS_AT_ONCE)
  let leftOut = 0
  return (address, { message }) => {
    const line = `denied ${address.replace(/:\d+$/, '')}: ${message}`
    if (said.has(line)) return
    if (!limit.take(now())) {
      leftOut++
      return
    }
    said.set(line, true)
    say(leftOut === 0 ? line : `${line} (${count(leftOut)} other denials are not shown)`, 'warning')
    leftOut = 0
  }
}
