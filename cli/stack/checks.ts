/** Checks whether the program behind a listener works: `http://...`, `tcp:PORT`, `exec:COMMAND`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get as getByHttp, type IncomingMessage } from 'node:http'
import { get as getByHttps } from 'node:https'
import { connect } from 'node:net'
import { childEnvironment } from '../../impl/controller/childEnvironment.ts'
import { endGroup } from '../../impl/controller/processGroup.ts'
import { CliError } from '../errors.ts'
import { tcpEndpointOf } from './tcpEndpoint.ts'

/** Checks the program once. Rejects with the reason if it does not work, and when the signal is aborted. */
export type Check = (signal: AbortSignal) => Promise<void>

/** Throws CLI_CHECK, CLI_ENDPOINT. */
export function checkOf(text: string): Check {
  const [, kind = '', rest = ''] = /^(https?:(?=\/\/)|tcp:|exec:)(.*\S.*)$/s.exec(text) ?? []
  if (kind === 'tcp:') return tcpCheck(rest)
  if (kind === 'exec:' && !rest.includes('\0')) return signal => runCommand(rest, signal)
  if (kind.startsWith('http') && URL.canParse(text)) return signal => request(new URL(text), signal)
  throw new CliError(
    'CLI_CHECK',
    `'${text}' is not a check; write http://127.0.0.1:8080/health, tcp:8080, or exec:COMMAND`,
  )
}

function tcpCheck(text: string): Check {
  const endpoint = tcpEndpointOf(text)
  if (endpoint.port === 0) throw new CliError('CLI_CHECK', 'nothing listens at port 0; name another port')
  return async signal => {
    const socket = connect({ ...endpoint, signal })
    try {
      await once(socket, 'connect')
    } finally {
      socket.destroy()
    }
  }
}

/** Statuses from 200 to 399 are well. It follows no redirection, and reads no body. Each check has its own connection. */
async function request(url: URL, signal: AbortSignal): Promise<void> {
  const get = url.protocol === 'https:' ? getByHttps : getByHttp
  const asked = get(url, { agent: false, signal })
  try {
    const { statusCode: status = 0 } = await new Promise<IncomingMessage>((resolve, reject) => {
      asked.once('response', resolve).once('error', reject)
      // After an upgrade, for example.
      asked.once('close', () => reject(new Error('no HTTP answer')))
    })
    if (status < 200 || status >= 400) throw new Error(`HTTP status ${status}`)
  } finally {
    asked.on('error', () => {}).destroy()
  }
}

/** A shell runs the command, whose text nobody but the caller of this program writes. All its processes end with it. */
async function runCommand(command: string, signal: AbortSignal): Promise<void> {
  const child = spawn(command, { shell: true, detached: true, stdio: 'ignore', env: childEnvironment() })
  try {
    const [status] = await once(child, 'exit', { signal })
    if (status !== 0) throw new Error(`the command ended with ${status ?? 'a signal'}`)
  } finally {
    await endGroup(child)
  }
}
