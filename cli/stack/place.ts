import { CliError } from '../errors.ts'

/** Where TCP goes, or is waited for. */
export interface Place {
  readonly host: string
  readonly port: number
}

const LOCALHOST = '127.0.0.1'
const PORTS = 65_536

/** `example.com:80`, `[::1]:80`, `80` for this machine. Throws CLI_PLACE. */
export function placeOf(text: string): Place {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]:|([^:]*):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (port < PORTS) return { host: bracketed || plain || LOCALHOST, port }
  throw new CliError('CLI_PLACE', `'${text}' is no place for TCP; write HOST:PORT, such as 127.0.0.1:80`)
}

export const printPlace = ({ host, port }: Place): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
