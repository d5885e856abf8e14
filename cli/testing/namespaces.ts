/** For tests: Linux network namespaces, in which processes have interfaces, routes and address translation of their own. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { haveAll } from '../../checker/testing/programs.ts'

/**
 * Returns whether namespaces that translate addresses can be made here. If not, prints in one line why the tests are skipped. Throws
 * under CI if only a program is missing.
 */
export function namespacesForTests(): boolean {
  if (process.getuid?.() === 0 && spawnSync('unshare', ['--net', 'true']).status === 0)
    return haveAll('tests in network namespaces are skipped', ['ip', '-V'], ['nft', '-v'])
  process.stderr.write('tests in network namespaces are skipped: they need root\n')
  return false
}

/** Returns the name of the interface that `wire` gives this address. */
export const linkAt = (address: string): string => `v${address}`.replaceAll('.', '').slice(0, 15)

/** Namespaces that the end of a `using` block removes. */
export class Namespaces implements Disposable {
  readonly #names: string[] = []
  readonly #folders: string[] = []

  /** Returns the system's name of a namespace. */
  nameOf(name: string): string {
    return `serval-${process.pid}-${name}`
  }

  /** Returns the words that run a command in a namespace. */
  under(name: string): string[] {
    return ['ip', 'netns', 'exec', this.nameOf(name)]
  }

  add(name: string): void {
    execFileSync('ip', ['netns', 'add', this.nameOf(name)])
    this.#names.push(name)
    this.ip(name, 'link set lo up')
  }

  /** Runs `ip` with these words in a namespace. */
  ip(name: string, words: string): void {
    execFileSync('ip', ['-n', this.nameOf(name), ...words.split(' ')])
  }

  /** Programs that run under a namespace ask this DNS server. */
  resolver(name: string, address: string): void {
    const folder = `/etc/netns/${this.nameOf(name)}`
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${folder}/resolv.conf`, `nameserver ${address}\n`)
    this.#folders.push(folder)
  }

  /** Runs a command in a namespace. */
  run(name: string, command: string, ...args: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.nameOf(name), command, ...args], { encoding: 'utf8' })
  }

  /** Connects two namespaces: each gets an interface, named like the other one's address, with an address of a /24. */
  wire(one: string, oneAddress: string, other: string, otherAddress: string): void {
    const [a, b] = [linkAt(oneAddress), linkAt(otherAddress)]
    this.ip(one, `link add ${a} type veth peer name ${b} netns ${this.nameOf(other)}`)
    for (const [name, link, address] of [
      [one, a, oneAddress],
      [other, b, otherAddress],
    ] as const) {
      this.ip(name, `addr add ${address}/24 dev ${link}`)
      this.ip(name, `link set ${link} up`)
    }
  }

  [Symbol.dispose](): void {
    for (const name of this.#names) execFileSync('ip', ['netns', 'del', this.nameOf(name)])
    for (const folder of this.#folders) rmSync(folder, { recursive: true })
  }
}
