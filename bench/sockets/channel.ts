/** A data channel of werift's (WebRTC: SCTP over DTLS over UDP), as its users write it. Both ends are on loopback. */

import { type RTCDataChannel, RTCPeerConnection } from 'werift'
import { must } from '../../checker/text/at.ts'
import { rate } from './bulk.ts'

/** The largest message that browsers accept, bytes. */
const MESSAGE = Buffer.alloc(16_384, 'serval')
/** Bytes that wait in the channel: enough that it never runs dry. */
const HIGH_WATER = 1024 * 1024
const LOOPBACK = { iceServers: [], iceUseIpv6: false, iceAdditionalHostAddresses: ['127.0.0.1'] }

export type Description = NonNullable<RTCPeerConnection['localDescription']>

/** The end that is called: counts, and says so when all has come. */
export async function answer(offer: Description): Promise<Description> {
  const peer = new RTCPeerConnection(LOOPBACK)
  peer.onDataChannel.subscribe(channel => {
    let left = 0
    channel.onMessage.subscribe(message => {
      if (typeof message === 'string') left = Number(message)
      else left -= message.length
      if (left <= 0) channel.send('done')
    })
  })
  await peer.setRemoteDescription(offer)
  await peer.setLocalDescription(await peer.createAnswer())
  return must(peer.localDescription)
}

export interface OpenChannel {
  readonly channel: RTCDataChannel
  close(): Promise<void>
}

/** A channel to the other end. `call` hands the offer over and resolves with the answer. */
export async function open(call: (offer: Description) => Promise<Description>): Promise<OpenChannel> {
  const peer = new RTCPeerConnection(LOOPBACK)
  const channel = peer.createDataChannel('bench')
  await peer.setLocalDescription(await peer.createOffer())
  await peer.setRemoteDescription(await call(must(peer.localDescription)))
  while (channel.readyState !== 'open') await new Promise(setImmediate)
  return { channel, close: () => peer.close() }
}

/** Sends so many bytes, and waits until they have come. MiB/s. */
export async function throughChannel(channel: RTCDataChannel, bytes: number): Promise<number> {
  const done = new Promise<void>(resolve => channel.onMessage.once(() => resolve()))
  const since = performance.now()
  channel.send(`${bytes}`)
  for (let left = bytes; left > 0; left -= MESSAGE.length) {
    while (channel.bufferedAmount > HIGH_WATER) await new Promise(setImmediate)
    channel.send(MESSAGE)
  }
  await done
  return rate(bytes, since)
}
