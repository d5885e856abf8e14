/** The kinds of the identifiers among a flow's registers, and the fields of its events and packets. */

export const addressNames: ReadonlySet<string> = new Set([
  ...['from', 'to', 'address', 'local', 'peer', 'nextLocal', 'nextPeer', 'formerPeer'],
])

export const nonceNames: ReadonlySet<string> = new Set([
  ...['nonce', 'localNonce', 'peerNonce', 'token', 'peerToken'],
])
