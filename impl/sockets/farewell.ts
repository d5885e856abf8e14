/**
 * Recognizes the farewell of TLS: a record with nothing but an alert. A TLS socket that is destroyed does not wait for the farewell
 * of its peer. When that arrives it finds nobody, and no data is lost.
 */

const ALERT = 21
/** In TLS 1.3 an alert is sealed like data: two bytes, its type, and a tag. */
const [SEALED, SEALED_ALERT_BYTES] = [23, 2 + 1 + 16]
const HEADER_BYTES = 5

export function isFarewell(bytes: Uint8Array | undefined): boolean {
  const [type, major, , high = 0, low = 0] = bytes ?? []
  const length = high * 256 + low
  const isAlert = type === ALERT || (type === SEALED && length === SEALED_ALERT_BYTES)
  return isAlert && major === 3 && bytes?.length === HEADER_BYTES + length
}
