/**
 * The lab's network of Linux namespaces: a client with two networks (`WIFI`, `MOBILE`), each behind a router that masquerades, and a
 * server. Between them, in the namespace `net`, a box delays and loses packets. Faults are those of real networks, made with `ip` and
 * `nft`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { linkAt, Namespaces } from '../../cli/testing/namespaces.ts'
import type { Order, Rules } from './box.ts'
import { type Access, MOBILE, WIFI } from './places.ts'

const BOX_PORT = 7001
const SOCAT_PORT = 7002
/** A busy processor must lose no packets. */
const BUFFER_BYTES = 4_000_000
/** How often the lab looks whether socat has made its device, ms. */
const DEVICE_MS = 20
/** Packets from elsewhere take this table, which leads to the box. */
const BOX_TABLE = 200

export class Network implements AsyncDisposable {
  readonly #spaces = new Namespaces()
  readonly #children: ChildProcess[] = []
  #box: ChildProcess | undefined

  constructor() {
    const net = this.#spaces
    for (const name of ['client', 'home', 'cell', 'net', 'server']) net.add(name)
    for (const access of [WIFI, MOBILE]) this.#wire(access)
    net.wire('net', '10.71.9.1', 'server', '10.71.9.2')
    net.ip('server', 'route add default via 10.71.9.1')
    for (const name of ['home', 'cell', 'net'])
      net.run(name, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0')
    net.run('client', 'sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=0')
    this.#route(WIFI)
    this.#route(MOBILE)
  }

  #wire({ router, client, inside, outside, gateway }: Access): void {
    const net = this.#spaces
    net.wire('client', client, router, inside)
    net.wire(router, outside, 'net', gateway)
    net.ip(router, `route add default via ${gateway}`)
    const nft = (rule: string): string => net.run(router, 'nft', rule)
    nft('add table ip lab')
    nft('add chain ip lab out { type nat hook postrouting priority 100; }')
    // Ports at random: a flow that the router has forgotten shows elsewhere.
    nft(`add rule ip lab out oifname ${linkAt(outside)} masquerade random`)
    nft('add chain ip lab through { type filter hook forward priority 0; }')
  }

  /** The client's routes by one of its networks. They vanish with the link. */
  #route({ client, inside, table }: Access): void {
    const net = this.#spaces
    net.ip('client', `route add default via ${inside} metric ${table}`)
    net.ip('client', `rule add from ${client} table ${table}`)
    net.ip('client', `route add default via ${inside} table ${table}`)
  }

  /** Starts the box, if `socat` is installed. Returns whether it is. */
  async addBox(rules: Rules): Promise<boolean> {
    if (spawnSync('socat', ['-V']).status !== 0) return false
    const net = this.#spaces
    const tun = 'TUN,tun-name=box,tun-type=tun,iff-no-pi,iff-up'
    this.#start(
      'net',
      'socat',
      tun,
      `UDP4-DATAGRAM:127.0.0.1:${BOX_PORT},bind=127.0.0.1:${SOCAT_PORT},rcvbuf=${BUFFER_BYTES}`,
    )
    this.#box = this.program('net', 'box.ts', `${BOX_PORT}`, `${SOCAT_PORT}`)
    const { stdout } = this.#box
    if (stdout) await once(stdout, 'data')
    while (spawnSync('ip', ['-n', net.nameOf('net'), 'link', 'show', 'box']).status !== 0)
      await wait(DEVICE_MS)
    net.run('net', 'sysctl', '-qw', 'net.ipv4.conf.box.rp_filter=0')
    net.ip('net', `route add default dev box table ${BOX_TABLE}`)
    for (const address of [WIFI.gateway, MOBILE.gateway, '10.71.9.1'])
      net.ip('net', `rule add iif ${linkAt(address)} table ${BOX_TABLE}`)
    this.impair(rules)
    return true
  }

  /** Gives the box new rules for both networks of the client. */
  impair(rules: Rules): void {
    this.order({ rules })
  }

  /** Gives the box new rules. */
  order(order: Order): void {
    this.#box?.stdin?.write(`${JSON.stringify(order)}\n`)
  }

  /** Returns the system's name of a namespace. */
  nameOf(name: string): string {
    return this.#spaces.nameOf(name)
  }

  /** Runs a command in a namespace to its end. */
  run(name: string, ...words: readonly [string, ...string[]]): string {
    return this.#spaces.run(name, ...words)
  }

  /** Starts a program of the lab in a namespace. */
  program(name: string, file: string, ...args: readonly string[]): ChildProcess {
    return this.#start(name, process.execPath, join(import.meta.dirname, file), ...args)
  }

  /** Starts a command in a namespace. It ends with the network. */
  start(name: string, ...words: readonly string[]): ChildProcess {
    return this.#spawn(name, words, 'pipe')
  }

  #start(name: string, ...words: readonly string[]): ChildProcess {
    return this.#spawn(name, words, 'inherit')
  }

  #spawn(name: string, words: readonly string[], stderr: 'pipe' | 'inherit'): ChildProcess {
    const [command = '', ...args] = [...this.#spaces.under(name), ...words]
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', stderr] })
    this.#children.push(child)
    return child
  }

  async startServer(): Promise<ChildProcess> {
    const server = this.program('server', 'server.ts')
    if (server.stdout) await once(createInterface(server.stdout), 'line')
    return server
  }

  /** The client loses the link, and with it address and routes. */
  unplug({ client }: Access): void {
    this.#spaces.ip('client', `link set ${linkAt(client)} down`)
  }

  plug({ client, inside, table }: Access): void {
    this.#spaces.ip('client', `link set ${linkAt(client)} up`)
    this.#spaces.ip('client', `route add default via ${inside}`)
    this.#spaces.ip('client', `route replace default via ${inside} table ${table}`)
  }

  /** The router drops all packets from now on. No interface goes down. */
  silence({ router }: Access): void {
    this.#spaces.run(router, 'nft', 'add rule ip lab through drop')
  }

  /** The router passes everything again. */
  restore({ router }: Access): void {
    this.#spaces.run(router, 'nft', 'flush chain ip lab through')
  }

  /** The router drops packets of more than `mtu` bytes, and reports nothing. */
  narrow({ router }: Access, mtu: number): void {
    this.#spaces.run(router, 'nft', `add rule ip lab through meta length > ${mtu} drop`)
  }

  /** The router forgets its connections, as after a restart: a masqueraded connection ends with its interface. */
  forget({ router, outside, gateway }: Access): void {
    const link = linkAt(outside)
    this.#spaces.ip(router, `link set ${link} down`)
    this.#spaces.ip(router, `link set ${link} up`)
    this.#spaces.ip(router, `route add default via ${gateway}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    this.#spaces[Symbol.dispose]()
  }
}
