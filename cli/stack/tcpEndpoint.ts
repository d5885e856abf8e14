import { CliError } from '../errors.ts'

/** A TCP address to connect to, or to listen at. */
export interface TcpEndpoint {
  readonly host: string
  readonly port: number
}

const LOCALHOST = '127.0.0.1'
const PORTS = 65_536

/** `example.com:80`, `[::1]:80`, `80` for this machine. Throws CLI_ENDPOINT. */
export function tcpEndpointOf(text: string): TcpEndpoint {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]:|([^:]*):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (port < PORTS) return { host: bracketed || plain || LOCALHOST, port }
  throw new CliError('CLI_ENDPOINT', `'${text}' is not a TCP endpoint; write HOST:PORT, such as 127.0.0.1:80`)
}

export const printEndpoint = ({ host, port }: TcpEndpoint): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
