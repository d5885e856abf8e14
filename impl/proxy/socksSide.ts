/** Serves clients of SOCKS5. */
import type { Socket } from 'node:net'
import type { Spliced } from '../sockets/splice.ts'
import { answerOf, ProxyError } from './errors.ts'
import type { Outlet } from './outlet.ts'
import { methodAnswer, readGreeting, readRequest, replyAnswer } from './socks.ts'
import { dismiss, take } from './take.ts'
import { type Target, targetOf } from './target.ts'

/** Serves one client, which has sent its first byte. Calls `asked` when its request is complete. */
export async function serveSocks(outlet: Outlet, client: Socket, asked: () => void): Promise<void> {
  outlet.counters.socks++
  let target: Target | undefined
  let out: Spliced
  try {
    if (!(await take(client, readGreeting))) {
      outlet.fail(undefined, new ProxyError('PROXY_LOGIN'))
      dismiss(client, methodAnswer(false))
      return
    }
    client.write(methodAnswer(true))
    const { host, port } = await take(client, readRequest)
    asked()
    target = targetOf(host, port, outlet.naming)
    out = await outlet.open(target, client)
  } catch (error) {
    outlet.fail(target, error)
    dismiss(client, replyAnswer(answerOf(error).reply))
    return
  }
  client.write(replyAnswer(0))
  await outlet.carry(out, client)
}
