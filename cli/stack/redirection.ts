/** Redirects connections to a range of addresses, in the whole network namespace, with `ip` and `nft`. */
import { spawnSync } from 'node:child_process'
import { CliError } from '../errors.ts'

const TABLE = 'serval_proxy'

/** Runs a command. Throws CLI_REDIRECT. */
function run(command: string, args: readonly string[], input = ''): void {
  const { status, stderr, error } = spawnSync(command, args, { input, encoding: 'utf8' })
  if (status === 0) return
  const why = error?.message ?? `${command}: ${stderr.trim().split('\n')[0]}`
  throw new CliError('CLI_REDIRECT', `${why}; run as root, and install ip and nft`)
}

/**
 * From now on each TCP connection to an address of the range, such as `198.18.0.0/15`, arrives at this TCP port of this
 * host, and keeps the address. Only programs of this host can use it. Throws CLI_REDIRECT.
 */
export function redirect(range: string, port: number): void {
  // The addresses become this host's own.
  run('ip', ['route', 'replace', 'local', range, 'dev', 'lo'])
  run(
    'nft',
    ['-f', '-'],
    `table ip ${TABLE}
delete table ip ${TABLE}
table ip ${TABLE} {
  chain output {
    type nat hook output priority -100
    ip daddr ${range} meta l4proto tcp dnat to :${port}
  }
  chain input {
    type filter hook input priority 0
    iifname != "lo" ip daddr ${range} drop
  }
}
`,
  )
}

/** Ends the redirection. */
export function endRedirection(range: string): void {
  spawnSync('nft', ['delete', 'table', 'ip', TABLE])
  spawnSync('ip', ['route', 'del', 'local', range, 'dev', 'lo'])
}
