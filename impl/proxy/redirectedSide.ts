/** Serves connections to addresses that stand for services. */
import type { Socket } from 'node:net'
import type { Spliced } from '../sockets/splice.ts'
import type { Outlet } from './outlet.ts'
import { type Target, targetOf } from './target.ts'

/** Serves one client. It speaks no protocol of ours, so a reset is all that it can learn of a failure. */
export async function serveRedirected(outlet: Outlet, client: Socket): Promise<void> {
  outlet.counters.redirected++
  let target: Target | undefined
  let out: Spliced
  try {
    const { localAddress = '', localPort = 0 } = client
    target = targetOf(localAddress.replace(/^::ffff:/, ''), localPort, { ...outlet.naming, direct: false })
    out = await outlet.open(target, client)
  } catch (error) {
    outlet.fail(target, error)
    client.resetAndDestroy()
    return
  }
  await outlet.carry(out, client)
}
