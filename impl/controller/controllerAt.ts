/** Where a controller is, and how a host shows who it is and checks who answers. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isLoopback, parseAddress } from '../link/address.ts'
import { checkDestination } from '../sockets/destinations.ts'
import { PlaneError } from './errors.ts'
import { TOKEN_FORM } from './messages.ts'

/** A controller's address, and how a host speaks to it. */
export interface ControllerAt {
  /** An address, or a host's name, of the controller or of a router that leads to it. */
  readonly via: string
  /** Connects with TLS, and verifies the controller with this certificate authority (PEM), or with those of the system. */
  readonly tls?: { readonly ca?: string }
  /** Shows the controller who this host is. */
  readonly token?: string
}

const FORM = /^(?<scheme>tls:\/\/)?(?<via>[^?/\s]+)(?:\?(?<query>\S*))?$/
const OPTIONS = ['ca', 'token']

/**
 * Reads `192.0.2.1`, `tls://192.0.2.1?ca=ca.pem&token=host.token`, or a part of that. Without `token`, the variable SERVAL_TOKEN
 * of `env` holds the token, if it is set. Relative paths begin at `folder`. Throws LINK_ADDRESS, CONTROLLER_OPTION,
 * CONTROLLER_FILE, CONTROLLER_TLS.
 */
export function controllerAt(text: string, env: NodeJS.ProcessEnv = process.env, folder = '.'): ControllerAt {
  const { scheme, via = text, query = '' } = FORM.exec(text)?.groups ?? {}
  checkDestination(via)
  const options = new URLSearchParams(query)
  for (const option of options.keys())
    if (!OPTIONS.includes(option))
      throw new PlaneError(
        'CONTROLLER_OPTION',
        `'${option.slice(0, 80)}' of '${text.slice(0, 80)}' is not an option; there are ${OPTIONS.join(', ')}, as in tls://192.0.2.1?ca=ca.pem`,
      )
  const ca = options.get('ca')
  if (ca !== null && scheme === undefined)
    throw new PlaneError('CONTROLLER_TLS', `'ca' of '${text}' is for TLS; write tls:// before the address`)
  const token = tokenIn(options.get('token'), env, folder)
  if (token !== undefined && scheme === undefined && !isHere(via))
    throw new PlaneError(
      'CONTROLLER_TLS',
      `the token for ${via} would travel where others can read it; write tls://${via}, for a controller with TLS`,
    )
  return {
    via,
    ...(scheme !== undefined && { tls: ca === null ? {} : { ca: authorityIn(ca, folder) } }),
    ...(token !== undefined && { token }),
  }
}

/** True for an address that no packet to it leaves the machine for. */
function isHere(via: string): boolean {
  try {
    return isLoopback(parseAddress(via.includes(':') ? via : `${via}:1`))
  } catch {
    return false
  }
}

function tokenIn(file: string | null, env: NodeJS.ProcessEnv, folder: string): string | undefined {
  const token = file === null ? env.SERVAL_TOKEN || undefined : textOf(file, folder)
  if (token === undefined) return undefined
  if (TOKEN_FORM.test(token.trim())) return token.trim()
  throw new PlaneError(
    'CONTROLLER_FILE',
    `${file ?? 'SERVAL_TOKEN'} holds no token of 32 to 512 printable characters; make one with serval key token`,
  )
}

/** Rejects a file of another kind here, because TLS silently ignores it. */
function authorityIn(file: string, folder: string): string {
  const pem = textOf(file, folder)
  try {
    new X509Certificate(pem)
    return pem
  } catch (error) {
    throw new PlaneError('CONTROLLER_FILE', `${file}: ${(error as Error).message}; name a certificate in PEM`)
  }
}

function textOf(file: string, folder: string): string {
  try {
    return readFileSync(resolve(folder, file), 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new PlaneError('CONTROLLER_FILE', `'${file}' cannot be read (${code}); name a file that can`)
  }
}
