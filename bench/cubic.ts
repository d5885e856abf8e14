/** Gives the kernel's TCP the congestion control that streams have. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const ALLOWED = '/proc/sys/net/ipv4/tcp_allowed_congestion_control'

/** A namespace can only have what the machine allows to everybody, so that is allowed for a moment. */
export function useCubic(namespace: string): void {
  const allowed = readFileSync(ALLOWED, 'utf8').trim()
  try {
    if (!allowed.split(' ').includes('cubic')) writeFileSync(ALLOWED, `${allowed} cubic`)
    const set = ['sysctl', '-qw', 'net.ipv4.tcp_congestion_control=cubic']
    execFileSync('ip', ['netns', 'exec', namespace, ...set], { stdio: 'pipe' })
  } finally {
    writeFileSync(ALLOWED, allowed)
  }
}
